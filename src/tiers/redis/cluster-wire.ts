/** A Wire to a cluster: it is ready when all masters are, and serves what it can before. See wires.ts. */
import type { EventEmitter } from 'node:events'
import type { Argument, Sender, Wire, WireEvents } from './link.js'

import type { Client, Listener } from './server-wire.js'

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

export class ClusterWire implements Wire {
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
