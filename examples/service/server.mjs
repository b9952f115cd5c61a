/** The HTTP server: finds the route, reads and writes JSON, answers errors. */
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

export function createHttpServer(routes) {
  const table = routes.map(([method, path, handler]) => ({
    method,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[\\w-]{1,64})')}$`),
    handler,
  }))
  return createServer(async (request, response) => {
    try {
      send(request, response, await answer(table, request))
    } catch (error) {
      console.error(error)
      send(request, response, { status: 500, body: { error: 'see the log' } })
    }
  })
}

async function answer(table, request) {
  const { pathname } = new URL(request.url, 'http://localhost')
  for (const { method, pattern, handler } of table) {
    const match = pattern.exec(pathname)
    if (match === null || method !== request.method) continue
    if (method !== 'PUT' && method !== 'POST') return handler(match.groups ?? {})
    const body = await json(request).catch(() => undefined)
    if (typeof body !== 'object' || body === null) return { status: 400, body: { error: 'JSON' } }
    return handler(match.groups ?? {}, body)
  }
  return { status: 404, body: { error: 'no such route' } }
}

function send(request, response, { status, body, etag }) {
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end()
    return
  }
  const headers = { 'content-type': 'application/json', ...(etag !== undefined && { etag }) }
  response.writeHead(status, headers).end(JSON.stringify(body))
}
