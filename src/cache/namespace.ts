/**
 * A view on a cache whose keys all begin with `name:`.
 *
 * 1. A key outside the view is never read, written, counted or removed through it; tags are the one
 *    exception, below.
 * 2. Keys go in and come out without the prefix, loaders see them without it too. Errors and the
 *    cache's callbacks (`onRemove`, `onError`) name the whole key.
 * 3. The view holds nothing of its own: any number of them with one name are the same, entries live
 *    and die in the cache, and there is nothing to close.
 * 4. Tags belong to the whole cache, so that one event can reach entries in many namespaces:
 *    `invalidateTags` and `deleteByTag` are the cache's own.
 *
 * Costs: one string concatenation a key. `size`, iteration, `clear` and the deletes by prefix or
 * pattern walk all keys of the cache, but read values of their own only.
 */
import { InvalidOptionError } from './errors.js'
import { escapePattern } from './key-pattern.js'
import type { GetOrSetOptions, Loader } from './loading/options.js'
import type { SetOptions } from './options.js'
import type { Duration } from './units.js'

/** What a view needs of its cache. Results in plural stand in the order of what was asked for. */
export interface NamespaceHost<V, Info = unknown> {
  get(key: string): V | undefined
  peek(key: string): V | undefined
  has(key: string): boolean
  set(key: string, value: V, options?: SetOptions): boolean
  add(key: string, value: V, options?: SetOptions): boolean
  delete(key: string): boolean
  take(key: string): V | undefined
  touch(key: string, ttl?: Duration): boolean
  increment(key: string, by?: number, options?: SetOptions): number
  compareAndSet(key: string, version: number, value: V, options?: SetOptions): boolean
  getMany(keys: Iterable<string>): (V | undefined)[]
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): number
  hasMany(keys: Iterable<string>): boolean[]
  deleteMany(keys: Iterable<string>): number
  getOrSet(key: string, loader: Loader<V>, options?: GetOrSetOptions): Promise<V>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined>
  info(key: string): Info | undefined
  invalidateTags(...tags: string[]): void
  deleteByPrefix(prefix: string): number
  deleteByPattern(glob: string): number
  deleteByTag(tag: string): number
  /** Lazy; may be ended early. */
  keys(): Iterable<string>
}

export class CacheNamespace<V, Info = unknown> {
  // Why: as for SharedCache.
  static readonly name = 'CacheNamespace'
  /** What every key begins with in the cache: the name and a colon, for each level. */
  readonly prefix: string
  readonly #host: NamespaceHost<V, Info>

  /** @throws InvalidOptionError where the name is no string, or empty */
  constructor(host: NamespaceHost<V, Info>, name: string) {
    this.prefix = prefixOf(name)
    this.#host = host
  }

  get(key: string): V | undefined {
    return this.#host.get(this.#inside(key))
  }

  peek(key: string): V | undefined {
    return this.#host.peek(this.#inside(key))
  }

  has(key: string): boolean {
    return this.#host.has(this.#inside(key))
  }

  set(key: string, value: V, options?: SetOptions): boolean {
    return this.#host.set(this.#inside(key), value, options)
  }

  add(key: string, value: V, options?: SetOptions): boolean {
    return this.#host.add(this.#inside(key), value, options)
  }

  delete(key: string): boolean {
    return this.#host.delete(this.#inside(key))
  }

  take(key: string): V | undefined {
    return this.#host.take(this.#inside(key))
  }

  touch(key: string, ttl?: Duration): boolean {
    return this.#host.touch(this.#inside(key), ttl)
  }

  increment(key: string, by?: number, options?: SetOptions): number {
    return this.#host.increment(this.#inside(key), by, options)
  }

  compareAndSet(key: string, version: number, value: V, options?: SetOptions): boolean {
    return this.#host.compareAndSet(this.#inside(key), version, value, options)
  }

  getMany(keys: Iterable<string>): (V | undefined)[] {
    return this.#host.getMany(this.#allInside(keys))
  }

  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): number {
    const inside = Array.from(entries, ([key, value]) => [this.#inside(key), value] as const)
    return this.#host.setMany(inside, options)
  }

  hasMany(keys: Iterable<string>): boolean[] {
    return this.#host.hasMany(this.#allInside(keys))
  }

  deleteMany(keys: Iterable<string>): number {
    return this.#host.deleteMany(this.#allInside(keys))
  }

  /** As in the cache; the loader's `context.key` is the key without the prefix. */
  getOrSet(key: string, loader: Loader<V>, options?: GetOrSetOptions): Promise<V>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined> {
    const loadInside: Loader<V | undefined> = (context) =>
      loader({
        key,
        // Why a getter: the signal is only made for those who read it.
        get signal() {
          return context.signal
        },
      })
    return this.#host.getOrSet(this.#inside(key), loadInside, options)
  }

  info(key: string): Info | undefined {
    return this.#host.info(this.#inside(key))
  }

  /** Invalidates entries with one of these tags in the whole cache. */
  invalidateTags(...tags: string[]): void {
    this.#host.invalidateTags(...tags)
  }

  deleteByPrefix(prefix: string): number {
    return this.#host.deleteByPrefix(this.#inside(prefix))
  }

  /** The pattern is matched against keys without the namespace's prefix. */
  deleteByPattern(glob: string): number {
    return this.#host.deleteByPattern(
      typeof glob === 'string' ? escapePattern(this.prefix) + glob : glob,
    )
  }

  /** Deletes the entries with this tag in the whole cache; how many went. */
  deleteByTag(tag: string): number {
    return this.#host.deleteByTag(tag)
  }

  /** `a.namespace('b')` is the cache's `namespace('a:b')`. */
  namespace(name: string): CacheNamespace<V, Info> {
    return new CacheNamespace(this.#host, this.prefix + prefixOf(name).slice(0, -1))
  }

  /** Live entries in this namespace; O(entries of the cache). */
  get size(): number {
    let count = 0
    for (const key of this.#host.keys()) {
      if (key.startsWith(this.prefix)) count++
    }
    return count
  }

  clear(): void {
    this.#host.deleteByPrefix(this.prefix)
  }

  *keys(): Generator<string, void, undefined> {
    for (const key of this.#host.keys()) {
      if (key.startsWith(this.prefix)) yield key.slice(this.prefix.length)
    }
  }

  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  /** Why over keys: the cache's own entries() would decode every value outside as well. */
  *entries(): Generator<[string, V], void, undefined> {
    for (const key of this.keys()) {
      const value = this.#host.peek(this.prefix + key)
      if (value !== undefined) yield [key, value]
    }
  }

  forEach(callback: (value: V, key: string, namespace: this) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  [Symbol.iterator](): Generator<[string, V], void, undefined> {
    return this.entries()
  }

  /** Why what is no string goes on as it is: the cache refuses it, a concatenation would hide it. */
  #inside(key: string): string {
    return typeof key === 'string' ? this.prefix + key : key
  }

  #allInside(keys: Iterable<string>): string[] {
    return Array.from(keys, (key) => this.#inside(key))
  }
}

function prefixOf(name: string): string {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidOptionError('namespace', name, 'a string that is not empty')
  }
  return `${name}:`
}
