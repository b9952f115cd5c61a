/**
 * redisTier: a tier on Redis 6.2 or later, or Valkey, through the npm package `redis`; one server, a cluster,
 * or a master watched by sentinels. All processes with the same prefix share its entries.
 *
 * 1. While the server is away every call rejects at once; the tier goes on trying to connect. On a cluster
 *    the other nodes serve theirs, but all need the one that has the record of invalidations.
 * 2. What one process has written, deleted or invalidated, all others find so from then on.
 * 3. Invalidated tags stay so even where Redis loses part of its data: then more is gone, never less.
 */

import { importRedis } from '../optional-packages.js'
import type { DependencyGraph } from '../rules/dependencies.js'
import { RedisGraph } from '../rules/redis-graph.js'
import type {
  Tier,
  TierEntry,
  TierFinding,
  TierHost,
  TierItem,
  TierLease,
  TierSetOptions,
} from '../tier.js'
import type { Context } from './context.js'
import { Entries } from './entries.js'
import { RedisUnavailableError } from './errors.js'
import { Invalidations } from './invalidations.js'
import { KeyNames } from './key-names.js'
import { Leases } from './leases.js'
import { Link, type Sender } from './link.js'
import { createTrackingHook, NewsDesk } from './news-desk.js'
import {
  checkPrefix,
  checkRedisOptions,
  type RedisSettings,
  type RedisTierOptions,
} from './options.js'
import { Sweeps } from './sweeps.js'
import { createWire } from './wires.js'

/** @throws InvalidOptionError */
export function redisTier(options: RedisTierOptions = {}): RedisTier {
  return new RedisTier(checkRedisOptions(options))
}

/** What belongs to a tier that was opened. */
interface Parts {
  readonly context: Context
  readonly entries: Entries
  readonly sweeps: Sweeps
  readonly leases: Leases
}

export class RedisTier implements Tier {
  readonly name: string
  /** How long entries live in this tier where nothing else says so; undefined: as long as they do at all. */
  readonly defaultTtlMs: number | undefined
  readonly hasNews: boolean
  readonly #settings: RedisSettings
  #opened: Parts | undefined
  #isClosed = false

  constructor(settings: RedisSettings) {
    this.#settings = settings
    this.name = settings.name
    this.hasNews = settings.news !== false
    this.defaultTtlMs = settings.defaultTtlMs
  }

  /** Waits for the first connection, but not for long: a server that is away is no error here. */
  async open(host: TierHost): Promise<void> {
    const library = await importRedis('redisTier')
    if (this.#isClosed) throw this.#closed()
    const settings = this.#settings
    const prefix = settings.prefix ?? `hotset:${host.cacheName}:`
    checkPrefix(prefix)
    this.#opened = assemble(library, settings, new KeyNames(prefix), host)
    await this.#opened.context.link.opened()
  }

  async get(key: string): Promise<TierFinding> {
    return this.#parts.entries.get(key)
  }

  async getMany(keys: readonly string[]): Promise<TierFinding[]> {
    return this.#parts.entries.getMany(keys)
  }

  async set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<boolean> {
    return this.#parts.entries.set(key, entry, options)
  }

  async setMany(items: readonly TierItem[]): Promise<boolean[]> {
    return this.#parts.entries.setMany(items)
  }

  async delete(keys: readonly string[]): Promise<boolean[]> {
    return this.#parts.entries.delete(keys)
  }

  async take(key: string): Promise<TierEntry | undefined> {
    return this.#parts.entries.take(key)
  }

  /** An entry without grace, whose `keepUntil` is no later than its `expiresAt`, is deleted. */
  async expire(keys: readonly string[]): Promise<boolean[]> {
    return this.#parts.entries.expire(keys)
  }

  async invalidateTags(tags: readonly string[], soft: boolean): Promise<void> {
    if (tags.length === 0) return
    const kind = soft ? 's' : 't'
    await this.#parts.sweeps.invalidate(tags.map((text) => ({ kind, text })))
  }

  async deleteByPrefix(prefix: string): Promise<number> {
    return this.#parts.sweeps.deleteByPrefix(prefix)
  }

  async deleteByPattern(pattern: string): Promise<number> {
    return this.#parts.sweeps.deleteByPattern(pattern)
  }

  keys(prefix?: string): AsyncIterable<string> {
    return this.#parts.sweeps.keys(prefix)
  }

  async clear(): Promise<void> {
    await this.#parts.sweeps.clear()
  }

  async lease(key: string, ttlMs: number): Promise<TierLease | undefined> {
    return this.#parts.leases.acquire(key, ttlMs)
  }

  async leaseEnd(key: string, timeoutMs: number): Promise<void> {
    return this.#parts.leases.end(key, timeoutMs)
  }

  dependencies(): DependencyGraph {
    return this.#parts.context.graph
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#opened?.context.link.close()
  }

  /** Whether it is connected, how many clients it has made for that, and how many invalidations it knows of. */
  stats(): Record<string, unknown> {
    const context = this.#opened?.context
    return {
      connected: context?.link.isUp ?? false,
      connections: context?.link.wireCount ?? 0,
      invalidations: context?.invalidations.count ?? 0,
    }
  }

  get #parts(): Parts {
    if (this.#opened === undefined) throw this.#closed()
    return this.#opened
  }

  #closed(): RedisUnavailableError {
    return new RedisUnavailableError(this.name, this.#isClosed ? 'it is closed' : 'it is not open')
  }
}

function assemble(
  library: typeof import('redis'),
  settings: RedisSettings,
  names: KeyNames,
  host: TierHost,
): Parts {
  const tell = host.news.bind(host)
  const hook = () =>
    settings.news === 'tracking'
      ? createTrackingHook(library, names.prefix, (name) => news.changed(name))
      : undefined
  const link: Link = new Link({
    tierName: settings.name,
    pingIntervalMs: settings.pingIntervalMs,
    createWire: (events) => createWire(library, settings, hook(), events),
    isReply: (error) => error instanceof library.ErrorReply,
    async prepare(wire) {
      if (settings.news === 'pubsub') {
        await wire.subscribe(names.channel, (message) => news.heard(message))
      }
      invalidations.markOutdated()
      await Promise.all([
        invalidations.settle(wire),
        settings.news && graph.open(graphSender(wire)),
      ])
    },
    onUp: () => tell({ kind: 'back' }),
    onDown(error) {
      // Why: a cluster goes on serving, so what it finds has to be asked for anew.
      invalidations.markOutdated()
      graph.forgetUse()
      tell({ kind: 'lost', error })
    },
    onError: (error) => host.problem({ kind: 'connection', error }),
  })
  const invalidations = new Invalidations(link, names, settings.maxTtlMs, tell)
  const graph: RedisGraph = new RedisGraph(graphSender(link), {
    prefix: names.prefix,
    before: names.graph,
    ...(settings.news === 'pubsub' && {
      onFirstUse: () => link.send(undefined, ['PUBLISH', names.channel, news.graphMessage()]),
    }),
  })
  const onLease = (name: string) => leases.changed(name)
  const news: NewsDesk = new NewsDesk(names, link, invalidations, tell, onLease, graph)
  const isCluster = settings.cluster !== undefined
  const context = { host, settings, names, link, invalidations, news, graph, isCluster }
  const leases = new Leases(context)
  const entries = new Entries(context)
  return { context, entries, leases, sweeps: new Sweeps(context, entries) }
}

function graphSender(sender: Sender) {
  return { sendCommand: (key: string, args: string[]) => sender.send(key, args) }
}
