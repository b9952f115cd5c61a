/**
 * One redis-server of a test's own, to be paused, killed and started again.
 *
 * 1. It keeps its port and its data folder over `stop`, `kill`, `start` and `restart`.
 * 2. It is gone, and so is its folder, after `close`; when the test that started it is over; and when the
 *    process that started it ends, however it does.
 * 3. A call that resolves has happened: after `kill` nothing listens, after `start` commands are answered.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { type LaunchedServer, launchRedisServer } from '../../support/redis-server.mjs'
import { endWithTest } from './end-with-test.js'
import { findRestartablePort } from './restartable-port.js'
import { waitUntil } from './wait-until.js'

/** Somebody may take the free port before the server does. */
const ATTEMPTS = 5
/** So that a command to a server that is paused fails, and does not hang. */
const COMMAND_TIMEOUT_MS = 5_000

export interface RedisOptions {
  /** Keys are evicted, or writes refused, beyond it, as `policy` says. Default: no bound. */
  maxBytes?: number
  /** The `maxmemory-policy`. Default: allkeys-lru; `noeviction` refuses writes when full. */
  policy?: string
  /** Keeps the data over kills and restarts. Default: a started server is empty. */
  appendOnly?: boolean
  /** Default: a free one. */
  port?: number
  /** More arguments, as `['--hz', '100']`. */
  args?: readonly string[]
}

/** What there is to launch: the arguments for a port and a folder, and the words that say it is ready. */
export interface Launch {
  port?: number
  ready?: string
  argsFor(port: number, folder: string): readonly string[] | Promise<readonly string[]>
}

export class RedisInstance {
  readonly port: number
  readonly dataFolder: string
  readonly #args: readonly string[]
  readonly #ready: string | undefined
  #server: LaunchedServer
  #isRunning = true
  #isPaused = false
  #isClosed = false

  private constructor(
    port: number,
    dataFolder: string,
    args: readonly string[],
    ready: string | undefined,
    server: LaunchedServer,
  ) {
    this.port = port
    this.dataFolder = dataFolder
    this.#args = args
    this.#ready = ready
    this.#server = server
    this.#watch(server)
  }

  static async launch({ port, ready, argsFor }: Launch): Promise<RedisInstance> {
    const folder = await mkdtemp(join(tmpdir(), 'hotset-redis-'))
    let problem: string | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tried = port ?? (await findRestartablePort())
      const args = await argsFor(tried, folder)
      const server = await launchRedisServer(args, { ready, folder })
      problem = server.problem
      if (problem !== undefined) continue
      const instance = new RedisInstance(tried, folder, args, ready, server)
      endWithTest(() => instance.close())
      await instance.#untilAnswering()
      return instance
    }
    await rm(folder, { recursive: true, force: true })
    throw new Error(`redis-server does not start: ${problem}`)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#server.pid
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Neither ended nor paused. */
  get isAnswering(): boolean {
    return this.#isRunning && !this.#isPaused
  }

  /** Ends it as an operator does: it closes its connections and its files. `start` brings it back. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return
    this.resume()
    const server = this.#server
    // Why not awaited: the answer is that the connection ends, an error to the client.
    this.run('SHUTDOWN', 'NOSAVE').catch(() => this.#signal('SIGKILL', server))
    await server.ended
  }

  /** SIGKILL: nothing is said to anybody, and nothing written. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#server.ended
  }

  /** Again, with the same port, folder and arguments; nothing if it runs. */
  async start(): Promise<void> {
    if (this.#isClosed) throw new Error('this instance is closed: its folder is gone')
    if (this.#isRunning) return
    const before = this.#server
    const server = await launchRedisServer(this.#args, {
      ready: this.#ready,
      folder: this.dataFolder,
    })
    if (server.problem !== undefined)
      throw new Error(`redis-server does not start again: ${server.problem}`)
    this.#server = server
    this.#isRunning = true
    this.#isPaused = false
    this.#watch(server)
    // Why only now: there is no moment at which nobody would remove the folder.
    await before.end({ leaveFolder: true })
    await this.#untilAnswering()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** SIGSTOP: connections stay, new ones are taken by the system, and nothing is answered. */
  pause(): void {
    this.#signal('SIGSTOP')
    this.#isPaused = true
  }

  resume(): void {
    this.#signal('SIGCONT')
    this.#isPaused = false
  }

  /**
   * One command on a connection of its own, with no HELLO or CLIENT before it; the reply as RESP2 has it.
   * Rejects with an error reply, and where there is no answer within 5 seconds.
   */
  async run(...command: string[]): Promise<unknown> {
    const client = createClient({
      socket: { host: '127.0.0.1', port: this.port, reconnectStrategy: false },
      RESP: 2,
      disableClientInfo: true,
    })
    client.on('error', () => {})
    const timeout = setTimeout(() => client.destroy(), COMMAND_TIMEOUT_MS)
    try {
      await client.connect()
      return await client.sendCommand(command)
    } finally {
      clearTimeout(timeout)
      if (client.isOpen) client.destroy()
    }
  }

  /** For good, with its folder. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#server.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Nothing to one that has ended: its pid may be somebody else's. */
  #signal(signal: NodeJS.Signals, server = this.#server): void {
    if (!this.#isRunning || server !== this.#server) return
    try {
      process.kill(server.pid, signal)
    } catch {
      // It has just ended.
    }
  }

  #watch(server: LaunchedServer): void {
    void server.ended.then(() => {
      if (this.#server === server) this.#isRunning = false
    })
  }

  /** Why, as it said that it is ready: a replica may be LOADING what its master sends. */
  async #untilAnswering(): Promise<void> {
    await waitUntil(`the server on port ${this.port} answers`, async () => {
      return (await this.run('PING')) === 'PONG'
    })
  }
}

export function startRedis({
  maxBytes = 0,
  policy = 'allkeys-lru',
  appendOnly = false,
  port,
  args = [],
}: RedisOptions = {}): Promise<RedisInstance> {
  return RedisInstance.launch({
    port,
    argsFor: (freePort, folder) => [
      ...['--port', `${freePort}`, '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--daemonize', 'no'],
      // Why `no`: what was acknowledged is with the system then, and survives a kill of the server.
      ...['--appendonly', appendOnly ? 'yes' : 'no', '--appendfsync', 'no'],
      ...['--maxmemory', `${maxBytes}`, '--maxmemory-policy', policy],
      ...args,
    ],
  })
}
