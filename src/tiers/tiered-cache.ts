/**
 * TieredCache: memory, disk and Redis as one cache, with what a service needs around it: loaders, stale values,
 * stores, tags, events, news of other processes.
 *
 * 1. Nothing that a tier does makes a call fail: a tier that is away or broken is one that has nothing. What is
 *    wrong with a key, a value or an option rejects, and so do loaders and stores that fail.
 * 2. Every method checks what the roles of this view may do before anything else.
 *
 * A hit in memory costs what SharedCache's costs, and the promise that it is answered in.
 */
import type { EventEmitter } from 'node:events'
import type { SharedCache } from '../cache/shared-cache.js'
import { type CallOptions, TieredCore } from './core.js'
import type { EntryOptions } from './entry/options.js'
import type { TierEvents } from './events.js'
import { Invalidation, type KeyFilter } from './invalidation.js'
import type { TieredCacheOptions } from './options.js'
import type { TieredLoader } from './reading/load-call.js'
import { Reader, type TieredEntry } from './reading/reader.js'
import { type Access, AccessRules } from './rules/access-rules.js'
import { type EventRule, type EventRuleOptions, EventRules } from './rules/event-rules.js'
import { collectStats, type TieredStats } from './stats.js'
import type { FlushOptions, FlushResult } from './store/store-writer.js'
import type { DeleteResult, WriteResult } from './writing/result.js'
import { Writer } from './writing/writer.js'

export type GetOrSetCallOptions = EntryOptions & CallOptions

/** What the views of a cache share. */
interface Parts<V> {
  readonly core: TieredCore<V>
  readonly reader: Reader<V>
  readonly writer: Writer<V>
  readonly invalidation: Invalidation<V>
  readonly rules: EventRules
  readonly access: AccessRules | undefined
}

/** Why a class: an argument of it cannot be mistaken for options. */
class View<V> {
  readonly parts: Parts<V>
  readonly roles: readonly string[]

  constructor(parts: Parts<V>, roles: readonly string[]) {
    this.parts = parts
    this.roles = roles
  }
}

export class TieredCache<V = unknown> {
  // Why: as in SharedCache.
  static readonly name = 'TieredCache'
  readonly name: string
  /** What the cache tells of beside its answers: failures, what it has repaired, what is lost. */
  readonly events: EventEmitter<TierEvents>
  /** The tier in memory. What is written to it past this cache reaches no other tier. */
  readonly memory: SharedCache<V>
  readonly #parts: Parts<V>
  readonly #core: TieredCore<V>
  readonly #reader: Reader<V>
  /** Undefined: there are no rules. */
  readonly #access: Access | undefined

  /**
   * @param options without any: a memory tier of 64 MiB alone
   * @throws InvalidOptionError
   */
  constructor(options?: TieredCacheOptions<V>) {
    const given: unknown = options
    const view = given instanceof View ? (given as View<V>) : new View(createParts(options), [])
    this.#parts = view.parts
    this.#core = view.parts.core
    this.#reader = view.parts.reader
    this.#access = view.parts.access?.as(view.roles)
    this.name = this.#core.name
    this.events = this.#core.telling.events
    this.memory = this.#core.memory.cache
  }

  /** Resolves when all tiers are open, and rejects where one cannot be used: a package is missing, a path is wrong. */
  ready(): Promise<void> {
    return this.#core.opened
  }

  /** This cache, for those who have these roles: what `allow` does not grant them raises AccessDeniedError. */
  as({ roles }: { roles: readonly string[] }): TieredCache<V> {
    const view: unknown = new View(this.#parts, roles)
    return new TieredCache<V>(view as TieredCacheOptions<V>)
  }

  // --- reading ---

  /** The value that memory has, at once; undefined says nothing of the other tiers. */
  getLocal(key: string): V | undefined {
    this.#core.checkOpen()
    this.#access?.checkKey('read', key)
    return this.#reader.local(key)
  }

  /** The value, of whatever tier has it fresh, or else of the store; undefined: there is none. */
  get(key: string): Promise<V | undefined> {
    try {
      this.#core.checkOpen()
      this.#access?.checkKey('read', key)
      return this.#reader.get(key)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The values in the order of the keys; one question a tier. */
  async getMany(keys: Iterable<string>): Promise<(V | undefined)[]> {
    this.#core.checkOpen()
    const list = [...keys]
    this.#access?.checkKeys('read', list)
    return this.#reader.getMany(list)
  }

  /**
   * The value of key, from whatever tier has it fresh, or from `loader`: one load a key at a time in this process,
   * over all of its threads (with `lock: 'distributed'`, in all processes). The result goes to all tiers, unless
   * the key was written, deleted or invalidated since the load began.
   *
   * A value that has expired is the answer: at once, while it is loaded anew (`staleWhileRevalidate`); where the
   * loader fails (`grace`); where it takes longer than `timeout`, within the grace too. No caller waits longer than
   * `hardTimeout`. @see SharedCache.getOrSet for what else holds.
   *
   * @returns a promise that rejects with what the loader threw, `signal.reason`, LoaderTimeoutError,
   * UnserializableValueError, InvalidKeyError, InvalidOptionError, AccessDeniedError
   */
  getOrSet(key: string, loader: TieredLoader<V>, options?: GetOrSetCallOptions): Promise<V>
  getOrSet(
    key: string,
    loader: TieredLoader<V | undefined>,
    options?: GetOrSetCallOptions,
  ): Promise<V | undefined>
  getOrSet(
    key: string,
    loader: TieredLoader<V>,
    options?: GetOrSetCallOptions,
  ): Promise<V | undefined> {
    try {
      this.#core.checkOpen()
      this.#access?.checkKey('read', key)
      this.#access?.checkKey('write', key)
      return this.#reader.getOrSet(key, loader, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The value with where it was found, since when and how long it holds; a stale one too. */
  async getEntry(key: string): Promise<TieredEntry<V> | undefined> {
    this.#core.checkOpen()
    this.#access?.checkKey('read', key)
    return this.#reader.getEntry(key)
  }

  /** The keys of all tiers, stale ones too, in no order that means anything; those that may be read. */
  keys(prefix = ''): AsyncGenerator<string, void, undefined> {
    this.#core.checkOpen()
    const isPartial = this.#access?.checkPrefix('read', prefix) === 'some'
    return this.#parts.invalidation.keys(prefix, isPartial ? this.#filter('read') : undefined)
  }

  // --- writing ---

  /** In all tiers, and in the store first where there is one: if that fails it rejects, and nothing has changed. */
  async set(key: string, value: V, options?: EntryOptions): Promise<WriteResult> {
    this.#core.checkOpen()
    this.#access?.checkKey('write', key)
    return this.#parts.writer.set(key, value, options)
  }

  /** The same for many; one question a tier. */
  async setMany(
    entries: Iterable<readonly [string, V]>,
    options?: EntryOptions,
  ): Promise<WriteResult> {
    this.#core.checkOpen()
    const list = [...entries]
    for (const [key] of list) this.#access?.checkKey('write', key)
    return this.#parts.writer.setMany(list, options)
  }

  /** From all tiers, and from the store. */
  async delete(key: string): Promise<DeleteResult> {
    return this.deleteMany([key])
  }

  async deleteMany(keys: Iterable<string>): Promise<DeleteResult> {
    this.#core.checkOpen()
    const list = [...keys]
    this.#access?.checkKeys('write', list)
    return this.#parts.writer.delete(list)
  }

  /** Gets and deletes; of callers in several processes at most one gets it from a tier that they share. */
  async take(key: string): Promise<V | undefined> {
    this.#core.checkOpen()
    this.#access?.checkKey('read', key)
    this.#access?.checkKey('write', key)
    return this.#parts.writer.take(key)
  }

  /** Makes entries stale now: they are kept for their grace, to stand in for a load that fails. */
  async expire(...keys: string[]): Promise<DeleteResult> {
    this.#core.checkOpen()
    this.#access?.checkKeys('invalidate', keys)
    return this.#parts.writer.expire(keys)
  }

  // --- invalidation ---

  /** From now on no entry with one of these tags is found, in any process. O(1) in the number of entries. */
  async invalidateTags(...tags: string[]): Promise<WriteResult> {
    this.#core.checkOpen()
    for (const tag of tags) this.#access?.checkTag(tag)
    return this.#parts.invalidation.tags(tags, false)
  }

  /** Makes entries with these tags stale: they are kept for their grace. O(1) in the number of entries. */
  async expireTags(...tags: string[]): Promise<WriteResult> {
    this.#core.checkOpen()
    for (const tag of tags) this.#access?.checkTag(tag)
    return this.#parts.invalidation.tags(tags, true)
  }

  /** Walks over memory and disk, and scans Redis in batches. Where not all may be deleted, those that may. */
  async deleteByPrefix(prefix: string): Promise<DeleteResult> {
    this.#core.checkOpen()
    const isPartial = this.#access?.checkPrefix('invalidate', prefix) === 'some'
    const filter = isPartial ? this.#filter('invalidate') : undefined
    return this.#parts.invalidation.prefix(prefix, filter)
  }

  /** A glob: `*`, `?`, `[a-z]`, `\`. As deleteByPrefix. */
  async deleteByPattern(pattern: string): Promise<DeleteResult> {
    this.#core.checkOpen()
    const isPartial = this.#access?.checkPattern('invalidate', pattern) === 'some'
    const filter = isPartial ? this.#filter('invalidate') : undefined
    return this.#parts.invalidation.pattern(pattern, filter)
  }

  /** From now on the entry of `key` goes when one of `keys` is set, deleted or invalidated, and what depends on it. */
  async dependsOn(key: string, keys: readonly string[]): Promise<void> {
    this.#core.checkOpen()
    this.#access?.checkKey('write', key)
    const options = this.#core.resolve(key, { dependsOn: keys })
    await this.#core.dependencies.declare(key, keys, options)
  }

  /**
   * What is to be invalidated when an event is emitted: templates of keys and patterns (`'user:{id}'`,
   * `'feed:{id}:*'`), or `{ tag: 'user:{id}' }`. Holds in this process, for its own events.
   * @returns takes the rule away
   * @throws InvalidOptionError
   */
  on(
    event: string,
    rules: EventRule | readonly EventRule[],
    options?: EventRuleOptions,
  ): () => void {
    return this.#parts.rules.on(event, rules, options)
  }

  /** Invalidates what the rules of the event name, in all processes. @throws EventFieldError, and then does nothing */
  async emit(event: string, data?: unknown): Promise<WriteResult> {
    this.#core.checkOpen()
    const targets = this.#parts.rules.emit(event, data)
    for (const { keys, patterns, tags } of [targets, targets.soft]) {
      this.#access?.checkKeys('invalidate', keys)
      for (const tag of tags) this.#access?.checkTag(tag)
      for (const pattern of patterns) this.#access?.checkPattern('invalidate', pattern)
    }
    const filter = this.#access === undefined ? undefined : this.#filter('invalidate')
    return this.#parts.invalidation.event(targets, filter)
  }

  /** Empties all tiers, for all who share them; the store keeps what it has. */
  async clear(): Promise<WriteResult> {
    this.#core.checkOpen()
    if (this.#access?.checkPrefix('invalidate', '') === 'some') {
      return this.#parts.invalidation.prefix('', this.#filter('invalidate'))
    }
    return this.#parts.writer.clear()
  }

  // --- the rest ---

  /** Resolves when all that goes on in the background is done: writes of loaded values, promotions. */
  drain(): Promise<void> {
    return this.#core.background.drain()
  }

  /** Of a write-behind store: resolves when all that was pending is saved, or in the dead-letter list. */
  async flush(options?: FlushOptions): Promise<FlushResult> {
    this.#core.checkOpen()
    const writer = await this.#core.source.ready()
    return (await writer?.flush(options)) ?? { complete: true, pending: 0, dead: 0 }
  }

  stats(): TieredStats {
    return collectStats(this.#core)
  }

  /** Waits for what was begun, then ends all tiers, those of all views. A given SharedCache stays open. */
  close(): Promise<void> {
    return this.#core.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #filter(action: 'read' | 'invalidate'): KeyFilter {
    return this.#access?.keyFilter(action)
  }
}

function createParts<V>(options: TieredCacheOptions<V> | undefined): Parts<V> {
  const access = options?.allow === undefined ? undefined : new AccessRules(options.allow)
  const core = new TieredCore<V>(options)
  const writer = new Writer(core)
  return {
    core,
    reader: new Reader(core),
    writer,
    invalidation: new Invalidation(core, writer),
    rules: new EventRules(),
    access,
  }
}
