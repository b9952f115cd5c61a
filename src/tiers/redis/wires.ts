/**
 * The three kinds of clients that the library has, each as a Wire: one server, a cluster, and a master that
 * sentinels watch.
 *
 * 1. Replies come as Buffers, so that any bytes can be kept.
 * 2. No client queues what it cannot send, or gives up reconnecting.
 * 3. Every client has a listener for 'error', without which an error would end the process.
 */
import type { EventEmitter } from 'node:events'
import type { Argument, Sender, Wire, WireEvents } from './link.js'
import type { RedisSettings } from './options.js'
import { pauseMs } from './retry-pause.js'

type Library = typeof import('redis')
type Listener = (message: string) => void

/** What is used of a client; the library's own types differ between its releases. */
interface Client extends EventEmitter {
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): unknown
  sendCommand(args: readonly Argument[], options: object): Promise<unknown>
  subscribe(channel: string, listener: Listener): Promise<unknown>
}

interface Cluster extends EventEmitter {
  readonly masters: { readonly address: string; readonly client?: Client }[]
  connect(): Promise<unknown>
  destroy(): unknown
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    args: readonly Argument[],
    options: object,
  ): Promise<unknown>
}

interface Sentinel extends EventEmitter {
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): unknown
  getMasterNode(): { host: string; port: number } | undefined
  sendCommand(isReadonly: boolean, args: readonly Argument[], options: object): Promise<unknown>
  subscribe(channel: string, listener: Listener): Promise<unknown>
}

const COMMON = { RESP: 3, maintNotifications: 'disabled' } as const

/** @param cache the library's hook for the news of client tracking; undefined: none is wanted */
export function createWire(
  library: Library,
  settings: RedisSettings,
  cache: object | undefined,
  events: WireEvents,
): Wire {
  const sendOptions = { typeMapping: { [library.RESP_TYPES.BLOB_STRING]: Buffer } }
  const hook = cache === undefined ? {} : { clientSideCache: cache }
  const { connect, cluster, sentinel } = settings
  // Why `never`: the options are the library's own, but the hook is typed differently in each release.
  if (cluster !== undefined) {
    const defaults = hardened(cluster.defaults)
    const options = { ...COMMON, ...cluster, useReplicas: false, ...hook, defaults }
    const refresh = { topologyRefreshOnReconnectionAttemptStrategy: 1000 }
    const client = library.createCluster({ ...refresh, ...options } as never)
    return new ClusterWire(client as unknown as Cluster, sendOptions, events)
  }
  if (sentinel !== undefined) {
    const nodeClientOptions = hardened(sentinel.nodeClientOptions)
    const one = { masterPoolSize: 1, replicaPoolSize: 0, passthroughClientErrorEvents: true }
    const options = { ...COMMON, ...sentinel, ...one, ...hook, nodeClientOptions }
    const client = library.createSentinel(options as never)
    return new SentinelWire(client as unknown as Sentinel, sendOptions, events)
  }
  const options = { ...COMMON, ...hardened(connect), ...hook }
  const client = library.createClient(options as never)
  return new ServerWire(client as unknown as Client, sendOptions, events)
}

/** A copy, as the library writes into its options. */
function hardened(options: { socket?: object } = {}): object {
  const socket = { connectTimeout: 2000, ...options.socket, reconnectStrategy: pauseMs }
  return { ...options, ...COMMON, disableOfflineQueue: true, socket }
}

class ServerWire implements Wire {
  readonly partial = false
  readonly #client: Client
  readonly #options: object
  #isSubscribed = false

  constructor(client: Client, options: object, events: WireEvents) {
    this.#client = client
    this.#options = options
    client.on('error', (error) => events.trouble(error))
    client.on('ready', () => events.changed())
  }

  async connect(): Promise<void> {
    await this.#client.connect()
  }

  destroy(): void {
    this.#client.destroy()
  }

  isReady(): boolean {
    return this.#client.isReady
  }

  topology(): string {
    return ''
  }

  send(_key: string | undefined, args: readonly Argument[]): Promise<unknown> {
    return this.#client.sendCommand(args, this.#options)
  }

  async nodes(): Promise<Sender[]> {
    return [this]
  }

  // Why once: the client subscribes again by itself, before it is ready again.
  async subscribe(channel: string, listener: Listener): Promise<void> {
    if (this.#isSubscribed) return
    await this.#client.subscribe(channel, listener)
    this.#isSubscribed = true
  }
}

class ClusterWire implements Wire {
  readonly partial = true
  readonly #cluster: Cluster
  readonly #options: object
  #isConnected = false
  readonly #subscribed = new WeakSet<Client>()

  constructor(cluster: Cluster, options: object, events: WireEvents) {
    this.#cluster = cluster
    this.#options = options
    for (const name of ['error', 'node-error', 'node-disconnect']) {
      cluster.on(name, (error) => events.trouble(error))
    }
    for (const name of ['connect', 'node-ready']) cluster.on(name, () => events.changed())
  }

  async connect(): Promise<void> {
    await this.#cluster.connect()
    this.#isConnected = true
  }

  destroy(): void {
    this.#cluster.destroy()
  }

  isReady(): boolean {
    const { masters } = this.#cluster
    return this.#isConnected && masters.length > 0 && masters.every((node) => node.client?.isReady)
  }

  topology(): string {
    const addresses = this.#cluster.masters.map((node) => node.address)
    return addresses.sort().join()
  }

  send(key: string | undefined, args: readonly Argument[]): Promise<unknown> {
    return this.#cluster.sendCommand(key, false, args, this.#options)
  }

  async nodes(): Promise<Sender[]> {
    const clients = this.#clients()
    return clients.map((client) => ({
      send: (_key, args) => client.sendCommand(args, this.#options),
    }))
  }

  // Why on every node: a message reaches all of them, and each is watched over already. It is heard as often.
  async subscribe(channel: string, listener: Listener): Promise<void> {
    for (const client of this.#clients()) {
      if (this.#subscribed.has(client)) continue
      await client.subscribe(channel, listener)
      this.#subscribed.add(client)
    }
  }

  #clients(): Client[] {
    return this.#cluster.masters.map((node) => {
      if (node.client === undefined) throw new Error(`no connection to ${node.address}`)
      return node.client
    })
  }
}

class SentinelWire implements Wire {
  readonly partial = false
  readonly #sentinel: Sentinel
  readonly #options: object
  #isConnected = false
  #isSubscribed = false

  constructor(sentinel: Sentinel, options: object, events: WireEvents) {
    this.#sentinel = sentinel
    this.#options = options
    // Why not all: a sentinel or a replica that is away takes nothing from the master.
    sentinel.on('error', (error) => {
      if (!/^(Sentinel|Replica) Client /.test(error?.message)) events.trouble(error)
    })
    sentinel.on('topology-change', ({ type }) => {
      const isAnother = type === 'MASTER_CHANGE' && this.#isConnected
      if (isAnother) events.trouble(new Error('another server is the master'))
      events.changed()
    })
    sentinel.on('ready', () => events.changed())
  }

  async connect(): Promise<void> {
    await this.#sentinel.connect()
    this.#isConnected = true
  }

  async destroy(): Promise<void> {
    try {
      await this.#sentinel.destroy()
    } catch {
      // It was never open.
    }
  }

  isReady(): boolean {
    return this.#sentinel.isReady
  }

  topology(): string {
    const master = this.#sentinel.getMasterNode()
    return `${master?.host}:${master?.port}`
  }

  send(_key: string | undefined, args: readonly Argument[]): Promise<unknown> {
    return this.#sentinel.sendCommand(false, args, this.#options)
  }

  async nodes(): Promise<Sender[]> {
    return [this]
  }

  async subscribe(channel: string, listener: Listener): Promise<void> {
    if (this.#isSubscribed) return
    await this.#sentinel.subscribe(channel, listener)
    this.#isSubscribed = true
  }
}
