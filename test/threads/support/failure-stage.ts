/**
 * Where an engine is made to fail: a cache with a survivor, an attachment whose clock can be told to throw or to
 * trap in the middle of a call, and what has to hold of both afterwards.
 */
import { expect } from 'vitest'
import { MAX_THREADS, REGISTRY_PTR, REGISTRY_SLOT_BYTES } from '../../../assembly/constants.js'
import { CacheClosedError, SharedCache } from '../../../src/index.js'

/** src/engine/registry.ts */
const FAILED = 0x2000_0000

/** A clock that does something of its own at one of its next readings. */
class TreacherousClock {
  act: (() => void) | undefined
  nowMs = 1000

  now(): number {
    const { act } = this
    this.act = undefined
    act?.()
    return this.nowMs
  }
}

export class FailureStage {
  readonly clock = new TreacherousClock()
  readonly survivor: SharedCache<unknown>
  readonly cache: SharedCache<unknown>

  constructor(options = {}) {
    this.survivor = new SharedCache<unknown>({
      maxBytes: '4mb',
      clock: this.clock,
      near: false,
      shards: 2,
      ...options,
    })
    this.survivor.set('plain', 'value')
    this.survivor.set('expiring', 'value', { ttl: 5000 })
    this.cache = this.attach()
  }

  attach(options = {}): SharedCache<unknown> {
    return SharedCache.attach<unknown>(this.survivor.handle, { clock: this.clock, ...options })
  }

  /** What the next reading of the clock does, and what comes of it in the call. */
  betray(act: () => void, call: (cache: SharedCache<unknown>) => unknown): unknown {
    this.clock.act = act
    try {
      return call(this.cache)
    } catch (error) {
      return error
    } finally {
      this.clock.act = undefined
    }
  }

  /** Whether a slot of the registry is marked as that of a thread whose engine has failed. */
  get hasFailedThread(): boolean {
    const [engine] = this.survivor.handle.engines as { memory: { buffer: SharedArrayBuffer } }[]
    const words = new Int32Array(engine.memory.buffer, REGISTRY_PTR)
    return Array.from({ length: MAX_THREADS }, (_, slot) => {
      return words[(slot * REGISTRY_SLOT_BYTES) >>> 2]
    }).some((holder) => (holder & FAILED) !== 0)
  }

  expectOthersToRecover(): void {
    const { survivor } = this
    expect(survivor.set('plain', 'after')).toBe(true)
    expect(survivor.get('plain')).toBe('after')
    expect(survivor.set('another', 1)).toBe(true)
    survivor.maintain()
    expect(survivor.verify()).toEqual({ ok: true, problems: [] })
    expect(survivor.stats().threads).toBe(1)
    expect(survivor.stats().rejected.lockTimeout).toBe(0)
    const later = this.attach()
    expect(later.get('plain')).toBe('after')
    later.close()
  }
}

export const METHODS: Record<string, (cache: SharedCache<unknown>) => unknown> = {
  get: (cache) => cache.get('plain'),
  peek: (cache) => cache.peek('plain'),
  has: (cache) => cache.has('plain'),
  set: (cache) => cache.set('plain', 1),
  'set of a large value': (cache) => cache.set('large', 'x'.repeat(50_000)),
  add: (cache) => cache.add('plain', 1),
  compareAndSet: (cache) => cache.compareAndSet('plain', 1, 1),
  delete: (cache) => cache.delete('plain'),
  take: (cache) => cache.take('plain'),
  touch: (cache) => cache.touch('plain', 1),
  increment: (cache) => cache.increment('number'),
  getMany: (cache) => cache.getMany(['plain']),
  setMany: (cache) => cache.setMany([['plain', 1]]),
  hasMany: (cache) => cache.hasMany(['plain']),
  deleteMany: (cache) => cache.deleteMany(['plain']),
  info: (cache) => cache.info('plain'),
  invalidateTags: (cache) => cache.invalidateTags('red'),
  deleteByTag: (cache) => cache.deleteByTag('red'),
  deleteByPrefix: (cache) => cache.deleteByPrefix('p'),
  deleteByPattern: (cache) => cache.deleteByPattern('p*'),
  'get in a namespace': (cache) => cache.namespace('name').get('plain'),
  keys: (cache) => [...cache.keys()],
  values: (cache) => [...cache.values()],
  entries: (cache) => [...cache],
  size: (cache) => cache.size,
  bytes: (cache) => cache.bytes,
  purgeExpired: (cache) => cache.purgeExpired(),
  maintain: (cache) => cache.maintain(),
  stats: (cache) => cache.stats(),
  clear: (cache) => cache.clear(),
  verify: (cache) => cache.verify(),
  handle: (cache) => cache.handle,
}

/** The error of a call; undefined: there was none. */
export function errorOf(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

export async function expectClosed(cache: SharedCache<unknown>, cause: unknown): Promise<void> {
  for (const [name, call] of Object.entries(METHODS)) {
    const error = errorOf(() => call(cache))
    expect(error, name).toBeInstanceOf(CacheClosedError)
    expect(error, name).toMatchObject({ cause, message: expect.stringContaining('engine failed') })
  }
  const loading = cache.getOrSet('plain', () => 1)
  await expect(loading).rejects.toThrow(CacheClosedError)
  await expect(loading).rejects.toThrow('its engine failed in this thread')
  await expect(loading).rejects.toMatchObject({ cause })
  expect(() => cache.close()).not.toThrow()
}
