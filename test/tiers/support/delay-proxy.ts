/**
 * A TCP proxy between a client and a Redis server, which makes the way between them bad: slow, stalled,
 * cut, refused, or answered with errors. Without any of these it changes nothing.
 *
 * 1. Bytes keep their order, whatever is set meanwhile; what is set holds for connections that are there too.
 * 2. The end of a connection passes through like bytes: late when they are late, not at all when held.
 * 3. It is gone when the test that started it is over.
 *
 * A cluster's nodes and a sentinel's master are reached at the addresses that they announce, not through it.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { CommandSplitter, type RespCommand } from './command-splitter.js'
import { endWithTest } from './end-with-test.js'
import { Lane } from './lane.js'

/** Answered by the server even so: without them a client does not come to its first command. */
const HANDSHAKE = new Set(['HELLO', 'AUTH', 'CLIENT', 'SELECT'])
const INJECTED_ERROR = "return redis.error_reply('ERR injected')"

/** `-ERR injected`, in the order of the replies. Why not answered here: earlier replies may be under way. */
const FAILING_COMMAND = Buffer.from(
  `*3\r\n$4\r\nEVAL\r\n$${INJECTED_ERROR.length}\r\n${INJECTED_ERROR}\r\n$1\r\n0\r\n`,
)

interface Connection {
  client: Socket
  server: Socket
  requests: Lane
  replies: Lane
}

export class DelayProxy {
  /** How much later the replies arrive, in milliseconds; holds for those that come from now on. */
  delayMs = 0
  /** The server sees none of the commands, and each is answered with `-ERR injected`. */
  replyError = false
  readonly #listener: Server
  readonly #targetPort: number
  readonly #connections = new Set<Connection>()
  #isHeld = false
  #isRefusing = false
  #commandCount = 0

  constructor(listener: Server, targetPort: number) {
    this.#listener = listener
    this.#targetPort = targetPort
    listener.on('connection', (client) => this.#accept(client))
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /** Commands that clients have sent since the start, those of their handshakes not counted. */
  get commandCount(): number {
    return this.#commandCount
  }

  /** Stalls both ways: connections stay, new ones are taken, and nothing passes until `release`. */
  hold(): void {
    this.#isHeld = true
    for (const { requests, replies } of this.#connections)
      for (const lane of [requests, replies]) lane.hold()
  }

  release(): void {
    this.#isHeld = false
    for (const { requests, replies } of this.#connections)
      for (const lane of [requests, replies]) lane.release()
  }

  /** Ends the connections that are there; what was under way is lost. */
  cut(): void {
    for (const connection of this.#connections) this.#destroy(connection)
  }

  /** Ends new connections at once; those that are there stay. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing
  }

  async stop(): Promise<void> {
    if (!this.#listener.listening) return
    const closed = once(this.#listener, 'close')
    this.#listener.close()
    this.cut()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect(this.#targetPort, '127.0.0.1')
    const connection = { client, server, requests: new Lane(server), replies: new Lane(client) }
    const { requests, replies } = connection
    this.#connections.add(connection)
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => {})
    if (this.#isHeld) for (const lane of [requests, replies]) lane.hold()
    const commands = new CommandSplitter()
    client.on('data', (bytes: Buffer) => {
      for (const command of commands.push(bytes)) requests.push(this.#passed(command), 0)
    })
    server.on('data', (bytes: Buffer) => replies.push(bytes, this.delayMs))
    client.on('close', () => requests.end(0))
    server.on('close', () => replies.end(this.delayMs))
    for (const lane of [requests, replies]) lane.onEnd(() => this.#destroy(connection))
  }

  #passed({ name, bytes }: RespCommand): Buffer {
    if (HANDSHAKE.has(name)) return bytes
    this.#commandCount++
    return this.replyError ? FAILING_COMMAND : bytes
  }

  #destroy(connection: Connection): void {
    const { client, server, requests, replies } = connection
    for (const lane of [requests, replies]) lane.drop()
    for (const socket of [client, server]) socket.destroy()
    this.#connections.delete(connection)
  }
}

/** In front of a port of 127.0.0.1, on a free one. */
export async function startProxy(targetPort: number): Promise<DelayProxy> {
  const listener = createServer()
  const proxy = new DelayProxy(listener, targetPort)
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  endWithTest(() => proxy.stop())
  return proxy
}
