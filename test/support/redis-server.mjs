/**
 * A Redis server of one's own: on a free port of 127.0.0.1, with nothing kept on disk. It ends when it is
 * stopped, and also when the process that started it ends in whatever way, a kill included.
 *
 * Where no redis-server is on the PATH it is installed with apt-get, if that is there and allowed;
 * otherwise starting one fails with the line that says how to get it.
 *
 * `startRedisServer` is all that a benchmark needs; `launchRedisServer` is what it stands on, for tests that
 * pause servers, kill them and start them again (test/tiers/support).
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
/**
 * Ends the server with its own input, which ends with the process that holds the other end, and then
 * removes the folder, if it has one and is not told to leave it.
 * Why the trap: Ctrl-C reaches the guard too, which would end before its work is done.
 */
const GUARD = `
folder=$1; shift
"$@" </dev/null & server=$!
trap "" INT TERM HUP
echo "pid $server"
exec >/dev/null 2>&1
read word
kill -9 $server
wait $server
if [ -n "$folder" ] && [ "$word" != leave ]; then rm -rf "$folder"; fi`

/**
 * @param {{ maxBytes?: number }} [options] `maxBytes`: keys are evicted, least recently used first, beyond it
 * @returns {Promise<{ port: number, stop(): Promise<void> }>}
 */
export async function startRedisServer({ maxBytes = 0 } = {}) {
  let problem
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await findFreePort()
    const server = await launchRedisServer(settings(port, maxBytes))
    if (server.problem === undefined) return { port, stop: () => server.end() }
    problem = server.problem
  }
  throw new Error(`redis-server does not start: ${problem}`)
}

/**
 * Starts a server with these arguments, and waits until it says `ready`. Where it ended before that,
 * `problem` is what it said last, and nothing is left of it but the folder.
 *
 * `ended` resolves when the server is gone, for whatever reason. `end` kills it, if it still runs, and removes
 * `folder` unless told to leave it; so does the end of this process, which removes it in any case.
 */
export async function launchRedisServer(args, { ready = READY, folder = '' } = {}) {
  const guard = spawn('sh', ['-c', GUARD, 'sh', folder, findRedisServer(), ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  // Why: a guard that has ended takes no more words.
  guard.stdin.on('error', () => {})
  const ended = once(guard.stdout, 'close').then(() => {})
  const { problem, pid } = await untilReady(guard, ready)
  if (problem !== undefined) await end(guard, 'leave')
  return {
    problem,
    pid,
    ended,
    end: ({ leaveFolder = false } = {}) => end(guard, leaveFolder ? 'leave' : ''),
  }
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

/** Its pid when it is ready; what it said last, if it ended before. */
function untilReady(guard, ready) {
  return new Promise((resolve) => {
    let said = ''
    let isReady = false
    // Why for good: a full pipe would hold the server up.
    guard.stdout.on('data', (text) => {
      if (isReady) return
      said += text
      const pid = /^pid (\d+)$/m.exec(said)
      isReady = pid !== null && said.includes(ready)
      if (isReady) resolve({ pid: Number(pid[1]) })
    })
    guard.stdout.on('close', () => {
      const lines = said.split('\n').filter((line) => line !== '' && !line.startsWith('pid '))
      resolve({ problem: lines.at(-1)?.trim() ?? 'it ended at once' })
    })
  })
}

async function end(guard, word) {
  if (guard.exitCode !== null || guard.signalCode !== null) return
  const ended = once(guard, 'exit')
  guard.stdin.end(word === '' ? '' : `${word}\n`)
  await ended
}
