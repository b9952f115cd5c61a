/** A Wire to one server: see wires.ts. */
import type { EventEmitter } from 'node:events'
import type { Argument, Sender, Wire, WireEvents } from './link.js'

export type Listener = (message: string) => void

/** What is used of a client; the library's own types differ between its releases. */
export interface Client extends EventEmitter {
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): unknown
  sendCommand(args: readonly Argument[], options?: object): Promise<unknown>
  subscribe(channel: string, listener: Listener): Promise<unknown>
}

export class ServerWire implements Wire {
  readonly partial = false
  readonly #client: Client
  #isSubscribed = false

  constructor(client: Client, events: WireEvents) {
    this.#client = client
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
    return this.#client.sendCommand(args)
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
