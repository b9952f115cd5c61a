/**
 * The example service, run as its README says: two processes on one database, with a Redis that is killed and
 * started again. Needs dist/.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startProcess, type TestProcess } from '../tiers/support/child-process.js'
import { startRedis } from '../tiers/support/redis-instance.js'
import { waitUntil } from '../tiers/support/wait-until.js'

const START = new URL('../../examples/service/start.mjs', import.meta.url)

interface Answer {
  status: number
  etag: string | null
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service says
  body: any
}

type Ask = (method: string, path: string, body?: object, headers?: object) => Promise<Answer>

interface Service {
  /** Of each process. */
  readonly ask: readonly [Ask, Ask]
  readonly process: TestProcess
}

async function startService(env: Record<string, string>): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-service-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const process = startProcess(START, [], { env: { PORT: '0', DATA: folder, ...env } })
  const first = await process.next<{ port: number }>()
  const second = await process.next<{ port: number }>()
  return { ask: [askAt(first.port), askAt(second.port)], process }
}

function askAt(port: number): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { ...headers },
    })
    const text = await response.text()
    const etag = response.headers.get('etag')
    return { status: response.status, etag, body: text === '' ? undefined : JSON.parse(text) }
  }
}

async function nameAt(ask: Ask, id: string): Promise<string> {
  return (await ask('GET', `/users/${id}`)).body.name
}

async function endsInOrder({ process }: Service): Promise<void> {
  expect(await process.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(process.output.match(/has ended in order/g)).toHaveLength(2)
  expect(process.output).not.toMatch(/Error|rejection/)
}

it('serves users and feeds from two processes, over the death of Redis and its return', async () => {
  await using redis = await startRedis()
  const service = await startService({ REDIS_URL: redis.url })
  const [one, other] = service.ask

  // What is not there is remembered, and found as soon as it is.
  expect((await one('GET', '/users/7')).status).toBe(404)
  expect((await other('GET', '/users/7')).status).toBe(404)
  const saved = await one('PUT', '/users/7', { name: 'Ada', follows: ['8'] })
  expect(saved.body.tiers).toEqual({ memory: 'stored', disk: 'stored', redis: 'stored' })
  await waitUntil('the other process knows Ada', async () => {
    return (await other('GET', '/users/7')).status === 200
  })
  const { body, etag } = await other('GET', '/users/7')
  expect(body).toEqual({ id: '7', name: 'Ada', follows: ['8'], version: 1 })
  const again = await other('GET', '/users/7', undefined, { 'if-none-match': etag })
  expect(again.status).toBe(304)

  // A feed goes with what is in it: posts, and the names of their authors.
  await other('PUT', '/users/8', { name: 'Bob' })
  await one('POST', '/users/8/posts', { text: 'hello' })
  const feedAt = async (ask: Ask): Promise<string[]> =>
    (await ask('GET', '/feeds/7')).body.posts.map(
      ({ authorName, text }: { authorName: string; text: string }) => `${authorName}: ${text}`,
    )
  await waitUntil('the post is in both feeds', async () => {
    return `${await feedAt(one)}${await feedAt(other)}` === 'Bob: helloBob: hello'
  })
  await one('PUT', '/users/8', { name: 'Rob' })
  await waitUntil('both feeds have the new name', async () => {
    return `${await feedAt(one)}${await feedAt(other)}` === 'Rob: helloRob: hello'
  })

  // Without Redis it goes on, and says so.
  await redis.kill()
  await waitUntil('the health says that Redis is away', async () => {
    return (await one('GET', '/health')).body.redis === 'down'
  })
  const apart = await one('PUT', '/users/7', { name: 'Eve', follows: ['8'] })
  expect(apart.status).toBe(200)
  expect(apart.body.tiers.redis).toBe('failed')
  expect(await nameAt(one, '7')).toBe('Eve')
  await waitUntil('the other process has dropped what it had of Ada', async () => {
    return (await nameAt(other, '7')) === 'Eve'
  })

  // With Redis again, writes are heard of again.
  await redis.start()
  await waitUntil('both are connected again', async () => {
    const [here, there] = [await one('GET', '/health'), await other('GET', '/health')]
    return here.body.redis === 'up' && there.body.redis === 'up'
  })
  expect(await nameAt(other, '7')).toBe('Eve')
  await other('PUT', '/users/7', { name: 'Zoe', follows: [] })
  await waitUntil('the first process knows Zoe', async () => (await nameAt(one, '7')) === 'Zoe')
  expect((await one('GET', '/stats')).body.tiers.redis.own.connected).toBe(true)

  await other('DELETE', '/users/7')
  await waitUntil('the user is gone in both', async () => {
    return (await one('GET', '/users/7')).status === 404
  })
  await endsInOrder(service)
})

it('serves without Redis: the processes share a disk tier, and memory is short-lived', async () => {
  const service = await startService({})
  const [one, other] = service.ask
  await one('PUT', '/users/7', { name: 'Ada' })
  expect(await nameAt(other, '7')).toBe('Ada')
  await one('PUT', '/users/7', { name: 'Eve' })
  await waitUntil('the other process has forgotten Ada', async () => {
    return (await nameAt(other, '7')) === 'Eve'
  })
  expect((await one('GET', '/health')).body).toMatchObject({ status: 'ok', disk: 'up' })
  expect((await one('GET', '/nowhere')).status).toBe(404)
  expect((await one('PUT', '/users/7', { age: 7 })).status).toBe(400)
  await endsInOrder(service)
})
