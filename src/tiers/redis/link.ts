/**
 * The connection as the tier sees it: up or down, whatever the client library does below.
 *
 * 1. It is up once every node is connected and has answered a ping, and `prepare` has run since the
 *    connections were made. `onUp` and `onDown` are called in turn, beginning with `onUp`.
 * 2. It is down at the first sign of trouble: an error of a connection, a ping that is not answered in time,
 *    another set of nodes. Until it is up again no command is taken (but on a cluster, where the other nodes
 *    may serve theirs): it rejects at once, with RedisUnavailableError.
 * 3. It tries for ever, with pauses of at most a second. A client that gets nowhere for long is replaced:
 *    half-open connections and handshakes that nobody answers do not end by themselves.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RedisUnavailableError } from './errors.js'
import { inTime } from './in-time.js'
import { RetryPause } from './retry-pause.js'

export type Argument = string | Buffer

export interface Sender {
  /** @param key by which a cluster finds the node; undefined: any */
  send(key: string | undefined, args: readonly Argument[]): Promise<unknown>
}

/** One client of the library: for a server, a cluster or behind sentinels. */
export interface Wire extends Sender {
  /** Some nodes may serve while others are away. */
  readonly partial: boolean
  connect(): Promise<void>
  destroy(): void
  isReady(): boolean
  /** Which nodes there are: a change of it means that news may have been missed. */
  topology(): string
  /** Every node that has keys. */
  nodes(): Promise<Sender[]>
  /** Begins to listen on the channel wherever that is not done yet. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
}

/** What of a wire there is before it is up. It rejects as the link does: others may wait for the same answer. */
export type Preparation = Pick<Wire, 'send' | 'subscribe'>

export interface WireEvents {
  /** A connection is ready: it may be time to look. */
  changed(): void
  trouble(error: unknown): void
}

export interface LinkOptions {
  readonly tierName: string
  readonly pingIntervalMs: number
  createWire(events: WireEvents): Wire
  /** Whether the error is what a server answered. */
  isReply(error: unknown): boolean
  /** What has to be done before news counts as arriving. */
  prepare(wire: Preparation): Promise<void>
  onUp(): void
  onDown(error: unknown): void
  onError(error: unknown): void
}

/** A client that is not up after so many pings' time is replaced, but not before so many ms. */
const REPLACE_AFTER_PINGS = 10
const REPLACE_AFTER_MS = 3000
/** How long `open` waits for the first connection. */
const OPEN_PATIENCE_MS = 2000

export class Link implements Sender {
  readonly #options: LinkOptions
  readonly #pause = new RetryPause()
  #wire: Wire
  #wireSince = 0
  #topology = ''
  #state: 'starting' | 'up' | 'down' | 'closed' = 'starting'
  #everUp = false
  /** Counts up with every trouble: what was seen well before it is out of date. */
  #troubles = 0
  #lastTrouble: unknown
  #wireCount = 0
  #checking = false
  #timer: NodeJS.Timeout | undefined
  #opened: (() => void)[] = []

  constructor(options: LinkOptions) {
    this.#options = options
    this.#wire = this.#start()
    this.#tick()
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** Another one after every trouble: what was seen before may have been lost with the server's memory. */
  get session(): number {
    return this.#troubles
  }

  /** How many clients there have been. */
  get wireCount(): number {
    return this.#wireCount
  }

  /** The tier is told when it is up, or when it is clear that it will not be at once. */
  async opened(): Promise<void> {
    if (this.#state !== 'starting') return
    const first = new Promise<void>((resolve) => this.#opened.push(resolve))
    const patience = new AbortController()
    const wait = sleep(OPEN_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})
    await Promise.race([first, wait])
    patience.abort()
    // Why: a server that takes connections and answers nothing makes no trouble of its own.
    if (this.#state === 'starting') this.#trouble(new Error('no answer'))
  }

  async send(key: string | undefined, args: readonly Argument[]): Promise<unknown> {
    this.#assertUsable()
    return this.#sendBy(this.#wire, key, args)
  }

  async nodes(): Promise<Sender[]> {
    this.#assertUsable()
    try {
      const nodes = await this.#wire.nodes()
      return nodes.map((node) => ({ send: (key, args) => this.#sendBy(node, key, args) }))
    } catch (error) {
      throw this.#explain(error)
    }
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.#discard(this.#wire)
    this.#settleOpened()
  }

  #start(): Wire {
    const isCurrent = () => wire === this.#wire || this.#wire === undefined
    const wire = this.#options.createWire({
      changed: () => isCurrent() && this.#check(),
      trouble: (error) => isCurrent() && this.#trouble(error),
    })
    this.#wire = wire
    this.#wireSince = performance.now()
    this.#wireCount++
    this.#connect(wire)
    return wire
  }

  async #connect(wire: Wire): Promise<void> {
    try {
      await wire.connect()
      if (wire === this.#wire) this.#check()
    } catch (error) {
      if (wire !== this.#wire || this.#state === 'closed') return
      this.#trouble(error)
      await sleep(this.#pause.next(), undefined, { ref: false })
      if (wire === this.#wire) this.#replace()
    }
  }

  #replace(): void {
    if (this.#state === 'closed') return
    this.#discard(this.#wire)
    try {
      this.#start()
    } catch (error) {
      this.#options.onError(error)
    }
  }

  #discard(wire: Wire): void {
    try {
      wire.destroy()
    } catch {
      // It was never open.
    }
  }

  #trouble(error: unknown): void {
    if (this.#state === 'closed') return
    this.#troubles++
    const isNew = String(error) !== String(this.#lastTrouble)
    this.#lastTrouble = error
    const wasUp = this.#state === 'up'
    this.#state = 'down'
    if (wasUp) {
      this.#wireSince = performance.now()
      this.#options.onDown(error)
    } else if (isNew) {
      // Why only then: a server that is away makes the same trouble many times a second.
      this.#options.onError(error)
    }
    this.#settleOpened()
  }

  /** Up, if nothing speaks against it. */
  async #check(): Promise<void> {
    if (this.#checking || this.#state === 'closed' || this.#state === 'up') return
    const wire = this.#wire
    if (!wire.isReady()) return
    const troubles = this.#troubles
    this.#checking = true
    try {
      const topology = wire.topology()
      await this.#ping(wire)
      const preparation: Preparation = {
        send: (key, args) => this.#sendBy(wire, key, args),
        subscribe: (channel, listener) => wire.subscribe(channel, listener),
      }
      await inTime(this.#options.prepare(preparation), REPLACE_AFTER_MS)
      const isSame = wire === this.#wire && topology === wire.topology()
      if (isSame && troubles === this.#troubles && wire.isReady()) this.#up(topology)
    } catch (error) {
      if (wire === this.#wire && troubles === this.#troubles) this.#trouble(error)
    } finally {
      this.#checking = false
    }
    // Why: what was ready again while this was going on has said so to nobody.
    if (troubles !== this.#troubles && wire === this.#wire && wire.isReady()) {
      await sleep(this.#pause.next(), undefined, { ref: false })
      this.#check()
    }
  }

  #up(topology: string): void {
    if (this.#state === 'closed') return
    this.#topology = topology
    this.#state = 'up'
    this.#everUp = true
    this.#pause.reset()
    this.#options.onUp()
    this.#settleOpened()
  }

  #tick(): void {
    this.#timer = setTimeout(async () => {
      await this.#watch()
      if (this.#state !== 'closed') this.#tick()
    }, this.#options.pingIntervalMs)
    this.#timer.unref()
  }

  async #watch(): Promise<void> {
    const wire = this.#wire
    if (this.#state === 'up') {
      try {
        if (wire.topology() !== this.#topology) throw new Error('the nodes have changed')
        await this.#ping(wire)
      } catch (error) {
        if (wire === this.#wire && this.#state === 'up') this.#trouble(error)
      }
      return
    }
    await this.#check()
    const allowedMs = Math.max(REPLACE_AFTER_MS, REPLACE_AFTER_PINGS * this.#options.pingIntervalMs)
    if (!this.isUp && performance.now() - this.#wireSince > allowedMs) this.#replace()
  }

  async #ping(wire: Wire): Promise<void> {
    const answers = wire
      .nodes()
      .then((nodes) => Promise.all(nodes.map((node) => node.send(undefined, ['PING']))))
    await inTime(answers, this.#options.pingIntervalMs)
  }

  async #sendBy(
    sender: Sender,
    key: string | undefined,
    args: readonly Argument[],
  ): Promise<unknown> {
    try {
      return await sender.send(key, args)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  #assertUsable(): void {
    if (this.#state === 'up' || (this.#everUp && this.#state === 'down' && this.#wire.partial))
      return
    throw this.#unavailable(this.#state === 'closed' ? 'it is closed' : 'not connected')
  }

  /** What is no answer of the server says that there was none: a lost connection, in one of its many ways. */
  #explain(error: unknown): unknown {
    if (this.#options.isReply(error)) return error
    return this.#unavailable(error instanceof Error ? error.message : 'no answer', error)
  }

  #unavailable(reason: string, cause: unknown = this.#lastTrouble): RedisUnavailableError {
    const isPartial = this.#wire.partial && this.#state !== 'closed'
    return new RedisUnavailableError(this.#options.tierName, reason, { cause, isPartial })
  }

  #settleOpened(): void {
    for (const resolve of this.#opened.splice(0)) resolve()
  }
}
