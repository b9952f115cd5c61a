/**
 * Puts the recorder into the calls of one cache: as methods of its own, which hide those of its class. So
 * caches that record nothing run the code that they would run if there were no recorder.
 *
 * Recorded are reads that count as accesses (get, getMany, take, getOrSet), writes (set, setMany, add,
 * compareAndSet, increment) and deletes of single keys (delete, deleteMany, deleteByTag and its like). Not
 * recorded are peek, has and what walks over entries; touch, invalidateTags and clear; evictions and expiry,
 * which a replay makes for itself.
 */
import type { LoadTarget } from '../loading.js'
import { type ResolvedOptions, resolveTtlMs, type SetOptions } from '../options.js'
import type { ValueCodec } from '../value-codec.js'
import type { Recorder } from './recorder.js'

/** What is recorded of a cache. setMany and deleteMany call set and delete. */
interface RecordedCache<V> {
  get(key: string): V | undefined
  getMany(keys: Iterable<string>): (V | undefined)[]
  take(key: string): V | undefined
  set(key: string, value: V, options?: SetOptions): boolean
  add(key: string, value: V, options?: SetOptions): boolean
  compareAndSet(key: string, version: number, value: V, options?: SetOptions): boolean
  increment(key: string, by?: number, options?: SetOptions): number
  delete(key: string): boolean
}

/** Of a number, as the engine stores it. */
const NUMBER_BYTES = 8

/** @param get the cache's get(), recorded: only the cache itself can tell which hits are near ones */
export function recordCalls<V>(
  cache: RecordedCache<V>,
  recorder: Recorder,
  { ttlMs: defaultTtlMs }: ResolvedOptions,
  valueBytes: () => number,
  get: (key: string) => V | undefined,
): void {
  const plain = bindAll(cache)
  const write = (key: string, options: SetOptions | undefined, bytes = valueBytes()) =>
    recorder.write(key, bytes, resolveTtlMs(options?.ttl, defaultTtlMs))

  const recorded: Partial<RecordedCache<V>> = {
    get,
    getMany(keys) {
      const list = Array.from(keys)
      const values = plain.getMany(list)
      for (let at = 0; at < list.length; at++) recorder.read(list[at], values[at] !== undefined)
      return values
    },
    take(key) {
      const value = plain.take(key)
      recorder.read(key, value !== undefined)
      recorder.remove(key)
      return value
    },
    set(key, value, options) {
      const isStored = plain.set(key, value, options)
      write(key, options)
      return isStored
    },
    add(key, value, options) {
      const isStored = plain.add(key, value, options)
      if (isStored) write(key, options)
      return isStored
    },
    compareAndSet(key, version, value, options) {
      const isStored = plain.compareAndSet(key, version, value, options)
      if (isStored) write(key, options)
      return isStored
    },
    increment(key, by, options) {
      const sum = plain.increment(key, by, options)
      if (!Number.isNaN(sum)) write(key, options, NUMBER_BYTES)
      return sum
    },
    delete(key) {
      const isDeleted = plain.delete(key)
      recorder.remove(key)
      return isDeleted
    },
  }
  for (const [name, value] of Object.entries(recorded)) {
    Object.defineProperty(cache, name, { value, writable: true, configurable: true })
  }
}

/** What getOrSet and pools read and store, which passes by the methods above. */
export function recordLoads<V>(
  target: LoadTarget<V>,
  recorder: () => Recorder | undefined,
  { ttlMs: defaultTtlMs }: ResolvedOptions,
  valueBytes: () => number,
): LoadTarget<V> {
  return {
    ...target,
    lookup(key) {
      const found = target.lookup(key)
      // Why before it is handed on: it may be one object that is used again.
      recorder()?.read(key, found?.state === 'fresh')
      return found
    },
    store(key, value, options, claim) {
      const isStored = target.store(key, value, options, claim)
      const bytes = options.packed?.bytes.length ?? valueBytes()
      recorder()?.write(key, bytes, resolveTtlMs(options.ttl, defaultTtlMs))
      return isStored
    },
  }
}

/** From now on the codec tells how many bytes the last value took. */
export function meterCodec(codec: ValueCodec): () => number {
  let bytes = 0
  const encode = codec.encode.bind(codec)
  codec.encode = (value, target, offset, limit) => {
    const written = encode(value, target, offset, limit)
    bytes = written >= 0 ? written : (codec.overflow?.length ?? 0)
    return written
  }
  return () => bytes
}

function bindAll<V>(cache: RecordedCache<V>): RecordedCache<V> {
  return {
    get: cache.get.bind(cache),
    getMany: cache.getMany.bind(cache),
    take: cache.take.bind(cache),
    set: cache.set.bind(cache),
    add: cache.add.bind(cache),
    compareAndSet: cache.compareAndSet.bind(cache),
    increment: cache.increment.bind(cache),
    delete: cache.delete.bind(cache),
  }
}
