/**
 * A Redis server of one's own: on a free port of 127.0.0.1, with nothing kept on disk. It ends when it is
 * stopped, and also when the process that started it ends in whatever way, a kill included.
 *
 * Where no redis-server is on the PATH it is installed with apt-get, if that is there and allowed;
 * otherwise starting one fails with the line that says how to get it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'

const MISSING = 'redis-server is not on the PATH; get it with `apt-get install redis-server`'
/** Somebody may take the free port before the server does. */
const ATTEMPTS = 5
const READY = 'Ready to accept connections'
/** Ends the server with its own input, which ends with the process that holds the other end. */
const GUARD = '"$@" </dev/null & server=$!; exec >/dev/null 2>&1; cat; kill -9 $server'

/**
 * @param {{ maxBytes?: number }} [options] `maxBytes`: keys are evicted, least recently used first, beyond it
 * @returns {Promise<{ port: number, stop(): Promise<void> }>}
 */
export async function startRedisServer({ maxBytes = 0 } = {}) {
  const program = findRedisServer()
  let problem
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await findFreePort()
    const guard = spawn('sh', ['-c', GUARD, 'sh', program, ...settings(port, maxBytes)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    problem = await untilReady(guard)
    if (problem === undefined) return { port, stop: () => end(guard) }
    await end(guard)
  }
  throw new Error(`redis-server does not start: ${problem}`)
}

/** @returns {string} its path */
function findRedisServer() {
  const found = findOnPath('redis-server')
  if (found !== undefined) return found
  if (process.getuid?.() !== 0 || findOnPath('apt-get') === undefined) throw missing()
  try {
    execFileSync('apt-get', ['install', '-y', 'redis-server'], { stdio: 'ignore' })
  } catch {
    throw missing()
  }
  const installed = findOnPath('redis-server')
  if (installed === undefined) throw missing()
  return installed
}

/** Why without a trace: the line says all there is to know. */
function missing() {
  return Object.assign(new Error(MISSING), { stack: MISSING })
}

function findOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function settings(port, maxBytes) {
  return [
    ...['--port', `${port}`, '--bind', '127.0.0.1'],
    ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ...['--maxmemory', `${maxBytes}`, '--maxmemory-policy', 'allkeys-lru'],
  ]
}

/** Undefined when it takes connections; what it said last, if it ended before. */
function untilReady(guard) {
  return new Promise((resolve) => {
    let said = ''
    // Why for good: a full pipe would hold the server up.
    guard.stdout.on('data', (text) => {
      said += text
      if (said.includes(READY)) resolve(undefined)
    })
    guard.stdout.on('close', () => resolve(said.trim().split('\n').at(-1) || 'it ended at once'))
  })
}

async function end(guard) {
  if (guard.exitCode !== null || guard.signalCode !== null) return
  const ended = once(guard, 'exit')
  guard.stdin.end()
  await ended
}
