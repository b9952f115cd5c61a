/**
 * A cache and its model side by side: every operation is done to both, and what they answer compared.
 *
 * 1. What the cache answers is what the model does; only what it was told that was evicted may be missing
 *    (or, where the cache tells nothing, anything may).
 * 2. After each call bytes <= maxBytes; after clear() they are what they were at first.
 * 3. Every entry stored is told to have gone exactly once, and for a reason that fits.
 */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { insideOf } from '../../src/cache/shared-cache.js'
import { type CacheOptions, type RemoveReason, SharedCache } from '../../src/index.js'
import { CacheModel, type ModelSetOptions } from '../models/cache-model.js'
import { ManualClock } from './manual-clock.js'
import { fillKeys, type Operation, type OperationOptions } from './operations.js'
import { keyNamed } from './sample-keys.js'
import { buildValue, type ValueSpec } from './sample-values.js'

export interface CheckedOptions extends CacheOptions {
  maxBytes: number
  ttl?: number
  /** Whether onRemove tells the model what went; else any miss is believed. */
  told: boolean
  /** Whether nothing may ever be evicted or refused. */
  roomy: boolean
  /** verify() runs after one in so many operations. */
  verifyEvery: number
}

export class CheckedCache {
  readonly cache: SharedCache
  readonly #options: CheckedOptions
  readonly #clock = new ManualClock()
  readonly #model: CacheModel
  readonly #emptyBytes: number
  /** Keys whose entries were stored and not yet told to have gone. */
  readonly #stored = new Set<string>()
  readonly #notes = new Map<string, { version: number; modelVersion: number }>()
  #done = 0

  constructor(options: CheckedOptions) {
    const { told, roomy, verifyEvery, ...cacheOptions } = options
    this.#options = options
    this.#model = new CacheModel({
      ttlMs: options.ttl ?? 0,
      sliding: options.sliding ?? false,
      now: () => this.#clock.now(),
    })
    this.cache = new SharedCache({
      ...cacheOptions,
      clock: this.#clock,
      ...(told && { onRemove: (key: string, reason: RemoveReason) => this.#removed(key, reason) }),
    })
    this.#emptyBytes = this.cache.bytes
  }

  run(operations: readonly Operation[]): void {
    for (const operation of operations) this.do(operation)
    this.finish()
  }

  do(operation: Operation): void {
    this.#apply(withKeys(operation))
    assert.ok(this.cache.bytes <= this.#options.maxBytes, `${this.cache.bytes} bytes in use`)
    if (++this.#done % this.#options.verifyEvery === 0) this.#verify()
    const { rejected } = this.cache.stats()
    if (this.#options.roomy) assert.deepEqual(rejected, { tooLarge: 0, lockTimeout: 0 })
  }

  finish(): void {
    this.#iterate()
    this.#clear()
    this.#verify()
  }

  #apply(operation: Operation): void {
    const { cache } = this
    const model = this.#model
    switch (operation.does) {
      case 'set':
        this.#set(operation.key, operation.value, operation.options)
        return
      case 'add': {
        const value = buildValue(operation.value)
        const stored = cache.add(operation.key, value, operation.options)
        // Why only now: to make room the old entry itself may have been evicted.
        const had = model.has(operation.key)
        if (had && this.#mayMiss) {
          if (stored) this.#store(operation.key, value, operation.options)
          return
        }
        if (had) {
          assert.equal(stored, false, 'add() overwrote')
          return
        }
        this.#outcome(operation.key, stored, value, operation.options)
        return
      }
      case 'note':
        this.#note(operation.key)
        return
      case 'compareAndSet':
        this.#compareAndSet(operation.key, operation.noted, buildValue(operation.value))
        return
      case 'get':
        this.#check(operation.key, cache.get(operation.key), model.get(operation.key))
        return
      case 'getAgain':
        for (let time = 0; time < operation.times; time++) {
          this.#check(operation.key, cache.get(operation.key), model.get(operation.key))
        }
        return
      case 'peek':
        this.#check(operation.key, cache.peek(operation.key), model.peek(operation.key))
        return
      case 'has':
        this.#checkFlag(operation.key, cache.has(operation.key), model.has(operation.key))
        return
      case 'info':
        this.#info(operation.key)
        return
      case 'delete': {
        const had = model.has(operation.key)
        this.#checkFlag(operation.key, cache.delete(operation.key), had)
        model.drop(operation.key)
        this.#gone(operation.key)
        return
      }
      case 'take': {
        const value = model.peek(operation.key)
        this.#check(operation.key, cache.take(operation.key), value)
        model.drop(operation.key)
        this.#gone(operation.key)
        return
      }
      case 'touch':
        this.#touch(operation.key, operation.ttl)
        return
      case 'increment':
        this.#increment(operation.key, operation.by, operation.options)
        return
      case 'getMany': {
        const values = cache.getMany(operation.keys)
        operation.keys.forEach((key, index) => {
          this.#check(key, values[index], model.get(key))
        })
        return
      }
      case 'hasMany': {
        const flags = cache.hasMany(operation.keys)
        operation.keys.forEach((key, index) => {
          this.#checkFlag(key, flags[index], model.has(key))
        })
        return
      }
      case 'deleteMany': {
        const expected = new Set(operation.keys.filter((key) => model.has(key))).size
        this.#checkCount(cache.deleteMany(operation.keys), expected)
        for (const key of operation.keys) {
          model.drop(key)
          this.#gone(key)
        }
        return
      }
      case 'setMany':
        this.#setMany(operation.entries, operation.options)
        return
      case 'fill': {
        const { value, options } = operation
        const entries = fillKeys(operation).map((key): [string, ValueSpec] => [key, value])
        this.#setMany(entries, options)
        return
      }
      case 'invalidateTags':
        cache.invalidateTags(...operation.tags)
        for (const tag of operation.tags) model.deleteByTag(tag)
        return
      case 'expireTags':
        insideOf(cache).expireTags(operation.tags)
        // Why gone: none of these entries has a stale period.
        for (const tag of operation.tags) model.deleteByTag(tag)
        return
      case 'deleteByTag': {
        const gone = model.deleteByTag(operation.tag)
        this.#checkCount(cache.deleteByTag(operation.tag), gone.length)
        return
      }
      case 'deleteByPrefix': {
        const gone = model.deleteByPrefix(operation.prefix)
        this.#checkCount(cache.deleteByPrefix(operation.prefix), gone.length)
        return
      }
      case 'wait':
        this.#clock.advance(operation.ms)
        return
      case 'clear':
        this.#clear()
        return
      case 'purgeExpired': {
        cache.purgeExpired()
        this.#checkCount(cache.size, model.size)
        if (this.#options.told) assert.equal(this.#stored.size, cache.size, 'not all were told of')
        return
      }
      case 'iterate':
        this.#iterate()
        return
    }
  }

  get #mayMiss(): boolean {
    return !this.#options.roomy && !this.#options.told
  }

  // --- writing ---

  #set(key: string, spec: ValueSpec, options: OperationOptions): void {
    const value = buildValue(spec)
    this.#outcome(key, this.cache.set(key, value, options), value, options)
  }

  /** What a set that may always go on left behind. */
  #outcome(key: string, stored: boolean, value: unknown, options?: ModelSetOptions): void {
    if (stored) {
      this.#store(key, value, options)
      return
    }
    assert.ok(!this.#options.roomy, 'refused')
    this.#model.drop(key)
    assert.equal(this.cache.has(key), false, 'a refused set left an older value')
  }

  #store(key: string, value: unknown, options?: ModelSetOptions): void {
    this.#model.set(key, value, options)
    if (!this.#options.told) return
    assert.ok(!this.#stored.has(key), `nobody was told that '${shorten(key)}' was replaced`)
    this.#stored.add(key)
  }

  #setMany(entries: [string, ValueSpec][], options: OperationOptions): void {
    let stored = 0
    const one = ([key, value]: [string, unknown]): void => {
      const isStored = this.cache.has(key)
      if (isStored) stored++
      this.#outcome(key, isStored, value, options)
    }
    function* lazily(): Generator<[string, unknown]> {
      for (const [key, spec] of entries) {
        const entry: [string, unknown] = [key, buildValue(spec)]
        yield entry
        // By now the cache has set it.
        one(entry)
      }
    }
    assert.equal(this.cache.setMany(lazily(), options), stored)
  }

  #note(key: string): void {
    const version = this.cache.info(key)?.version ?? 0
    this.#checkFlag(key, version !== 0, this.#model.has(key))
    this.#notes.set(key, { version, modelVersion: this.#model.version(key) })
  }

  #compareAndSet(key: string, noted: boolean, value: unknown): void {
    if (!noted) this.#note(key)
    const note = this.#notes.get(key) ?? { version: 0, modelVersion: 0 }
    const matches = this.#model.has(key) && this.#model.version(key) === note.modelVersion
    const stored = this.cache.compareAndSet(key, note.version, value)
    if (!matches) {
      assert.equal(stored, false, 'compareAndSet() went by another version')
      return
    }
    if (stored) {
      this.#store(key, value)
      return
    }
    assert.ok(!this.#options.roomy, 'compareAndSet() refused')
    if (!this.cache.has(key)) this.#model.drop(key)
  }

  #increment(key: string, by: number, options: OperationOptions): void {
    if (this.#mayMiss) this.#checkFlag(key, this.cache.has(key), this.#model.has(key))
    const had = this.#model.has(key)
    const value = this.#model.peek(key)
    let sum: number
    try {
      sum = this.cache.increment(key, by, options)
    } catch (error) {
      assert.ok(error instanceof TypeError && had && typeof value !== 'number')
      return
    }
    if (this.#mayMiss && value !== 0 && Object.is(sum, by)) this.#model.drop(key)
    if (Number.isNaN(sum) && !Number.isNaN(value)) {
      assert.ok(!this.#options.roomy && !had, 'increment() refused')
      return
    }
    const isNew = !this.#model.has(key)
    assert.ok(Object.is(sum, this.#model.increment(key, by, options)), `${sum} is not the sum`)
    if (isNew && this.#options.told) this.#stored.add(key)
  }

  #touch(key: string, ttl: number | undefined): void {
    const found = this.cache.touch(key, ttl)
    const had = this.#model.has(key)
    if (found) assert.ok(had, 'touch() found what is not there')
    else if (had) {
      // Making room for an expiry may evict the very entry.
      assert.ok(!this.#options.roomy, 'touch() did not find it')
      if (!this.cache.has(key)) this.#model.drop(key)
      return
    }
    this.#model.touch(key, ttl)
  }

  #clear(): void {
    this.cache.clear()
    this.#model.clear()
    assert.equal(this.cache.size, 0)
    assert.equal(this.cache.bytes, this.#emptyBytes, 'bytes after clear()')
    if (this.#options.told) assert.deepEqual([...this.#stored], [], 'nobody was told of these')
  }

  // --- comparing ---

  #check(key: string, actual: unknown, expected: unknown): void {
    if (actual === undefined && this.#mayMiss) {
      this.#model.drop(key)
      return
    }
    if (!isDeepStrictEqual(actual, expected)) {
      assert.fail(`'${shorten(key)}' is ${shorten(actual)} instead of ${shorten(expected)}`)
    }
  }

  #checkFlag(key: string, actual: boolean, expected: boolean): void {
    if (!actual && this.#mayMiss) this.#model.drop(key)
    else assert.equal(actual, expected, `whether '${shorten(key)}' is there`)
  }

  #checkCount(actual: number, expected: number): void {
    if (this.#mayMiss) assert.ok(actual <= expected, `${actual} of at most ${expected}`)
    else assert.equal(actual, expected)
  }

  #iterate(): void {
    const keys = [...this.cache.keys()]
    assert.equal(new Set(keys).size, keys.length, 'a key was met twice')
    for (const key of keys) assert.ok(this.#model.has(key), `'${shorten(key)}' is not there`)
    this.#checkCount(keys.length, this.#model.size)
    for (const [key, value] of this.cache) this.#check(key, value, this.#model.peek(key))
    if (!this.#mayMiss) return
    const left = new Set(keys)
    for (const key of this.#model.keys()) if (!left.has(key)) this.#model.drop(key)
  }

  #info(key: string): void {
    const info = this.cache.info(key)
    this.#checkFlag(key, info !== undefined, this.#model.has(key))
    if (info === undefined) return
    assert.equal(info.expiresAt, this.#model.expiresAt(key))
    assert.deepEqual(info.tags, this.#model.tags(key))
  }

  #verify(): void {
    assert.deepEqual(this.cache.verify(), { ok: true, problems: [] })
  }

  // --- what the cache tells ---

  #removed(key: string, reason: RemoveReason): void {
    assert.ok(this.#stored.has(key), `'${shorten(key)}' went twice (${reason})`)
    this.#stored.delete(key)
    if (reason === 'evict') {
      assert.ok(!this.#options.roomy, 'evicted')
      this.#model.drop(key)
    }
    if (reason === 'expire') assert.ok(!this.#model.has(key), `'${shorten(key)}' expired too soon`)
    if (reason === 'replace') assert.ok(this.#model.has(key), 'replaced what was not there')
  }

  #gone(key: string): void {
    assert.equal(this.cache.has(key), false)
  }
}

/** The operation with keys in the place of their names. */
function withKeys(operation: Operation): Operation {
  if ('key' in operation) return { ...operation, key: keyNamed(operation.key) }
  if ('keys' in operation) return { ...operation, keys: operation.keys.map(keyNamed) }
  if (operation.does !== 'setMany') return operation
  const entries = operation.entries.map(([name, value]): [string, ValueSpec] => {
    return [keyNamed(name), value]
  })
  return { ...operation, entries }
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 50)}... (${text.length} characters)` : text
}
