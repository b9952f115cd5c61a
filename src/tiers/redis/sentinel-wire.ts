/** A Wire to the master that sentinels name: see wires.ts. */
import type { EventEmitter } from 'node:events'
import type { Argument, Sender, Wire, WireEvents } from './link.js'

import type { Listener } from './server-wire.js'

interface Sentinel extends EventEmitter {
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): unknown
  getMasterNode(): { host: string; port: number } | undefined
  sendCommand(isReadonly: boolean, args: readonly Argument[], options: object): Promise<unknown>
  subscribe(channel: string, listener: Listener): Promise<unknown>
}

export class SentinelWire implements Wire {
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
