/**
 * Traps and exceptions in the engine. One that may have left something half changed closes the cache in its
 * thread, with an error that says so, and other threads recover as from its death; any other is handed on as
 * it is. The other thread is a second attachment here.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  CONTROL_PTR,
  CONTROL_SHARDS_PTR,
  MAX_THREADS,
  REGISTRY_PTR,
  REGISTRY_SLOT_BYTES,
  SHARD_BYTES,
  THREAD_BYTES,
  THREAD_LOCK_NAME,
  THREADS_PTR,
} from '../../assembly/constants.js'
import { CacheClosedError, type HotsetError, SharedCache } from '../../src/index.js'
import { wordsOf } from '../support/engine-memory.js'
import { FaultEngine, Killed } from '../support/fault-engine.js'

/** A module of one function, `trap`, that is unreachable. */
const TRAP_BYTES = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x08, 0x01, 0x04, 0x74, 0x72, 0x61, 0x70, 0x00, 0x00],
  ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
)
const { trap } = new WebAssembly.Instance(new WebAssembly.Module(TRAP_BYTES), {})
  .exports as unknown as { trap(): void }

const { RuntimeError } = WebAssembly as unknown as { RuntimeError: ErrorConstructor }

/** src/engine/registry.ts */
const FAILED = 0x2000_0000
/** At how many stores of a call it is interrupted. */
const MAX_POINTS = 60

const faults = new FaultEngine()

afterEach(() => {
  vi.restoreAllMocks()
})

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

class Stage {
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

const METHODS: Record<string, (cache: SharedCache<unknown>) => unknown> = {
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
function errorOf(call: () => unknown): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}

async function expectClosed(cache: SharedCache<unknown>, cause: unknown): Promise<void> {
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

describe('an exception while a lock is held', () => {
  test.each([
    ['set', METHODS.set],
    ['set of a large value', METHODS['set of a large value']],
    ['increment', METHODS.increment],
    ['purgeExpired', METHODS.purgeExpired],
  ])('closes the cache in %s, and others recover', async (_, call) => {
    const stage = new Stage()
    stage.survivor.set('due', 1, { ttl: 1 })
    stage.clock.nowMs += 10
    const cause = new Error('the clock stands still')
    const fail = (): never => {
      throw cause
    }
    // Why at the second reading: purgeExpired makes its first before it has the lock.
    const failNext = (): void => {
      stage.clock.act = fail
    }
    const error = stage.betray(call === METHODS.purgeExpired ? failNext : fail, call)
    expect(error).toBeInstanceOf(CacheClosedError)
    expect(error).toMatchObject({ cause, code: 'ERR_HOTSET_CACHE_CLOSED', cache: 'cache' })
    expect(String(error)).toContain('the clock stands still')
    await expectClosed(stage.cache, cause)
    stage.expectOthersToRecover()
  })

  test('fails the loads that are under way, and they are taken over', async () => {
    const stage = new Stage()
    let finish = (_value: string): void => {}
    const loading = stage.cache.getOrSet('key', () => {
      return new Promise<string>((resolve) => {
        finish = resolve
      })
    })
    const waiting = stage.survivor.getOrSet('key', () => 'of the survivor')
    stage.betray(() => {
      throw new Error('the clock stands still')
    }, METHODS.set)
    await expect(loading).rejects.toThrow('its engine failed in this thread')
    expect(await waiting).toBe('of the survivor')
    finish('too late')
    stage.expectOthersToRecover()
  })

  test('closes the cache also while the key of a removed entry is read', async () => {
    const stage = new Stage()
    const removed = vi.fn()
    const cache = stage.attach({ onRemove: removed })
    stage.cache.close()
    const cause = new RangeError('Array buffer allocation failed')
    vi.spyOn(Buffer, 'allocUnsafe').mockImplementation(() => {
      throw cause
    })
    const error = errorOf(() => cache.delete('plain'))
    vi.restoreAllMocks()
    expect(error).toMatchObject({ cause, code: 'ERR_HOTSET_CACHE_CLOSED' })
    await expectClosed(cache, cause)
    expect(removed).not.toHaveBeenCalled()
    stage.expectOthersToRecover()
  })
})

describe('an exception while no lock is held', () => {
  test('of the clock is handed on as it is, and the cache goes on', () => {
    const stage = new Stage()
    const thrown = new Error('no time')
    const error = stage.betray(
      () => {
        throw thrown
      },
      (cache) => cache.get('expiring'),
    )
    expect(error).toBe(thrown)
    expect(stage.cache.get('expiring')).toBe('value')
    expect(stage.cache.set('plain', 'still')).toBe(true)
    expect(stage.survivor.get('plain')).toBe('still')
    expect(stage.cache.verify()).toEqual({ ok: true, problems: [] })
    expect(stage.survivor.stats().threads).toBe(2)
  })

  test('of the clock is handed on by getOrSet as a rejection', async () => {
    const stage = new Stage()
    const thrown = new Error('no time')
    stage.clock.act = () => {
      throw thrown
    }
    await expect(stage.cache.getOrSet('expiring', () => 'loaded')).rejects.toBe(thrown)
    expect(await stage.cache.getOrSet('expiring', () => 'loaded')).toBe('value')
  })
})

test('an exception of the clock while a thread attaches leaves no slot taken', () => {
  const stage = new Stage()
  const thrown = new Error('no time')
  stage.clock.act = () => {
    throw thrown
  }
  expect(() => stage.attach()).toThrow(thrown)
  stage.survivor.maintain()
  expect(stage.survivor.stats().threads).toBe(2)
})

describe('a trap', () => {
  test.each([
    ['with a lock held', METHODS.set],
    ['with no lock held', (cache: SharedCache<unknown>) => cache.get('expiring')],
    ['in a batch', (cache: SharedCache<unknown>) => cache.getMany(['plain', 'expiring'])],
  ])('%s closes the cache, and others recover', async (_, call) => {
    const stage = new Stage()
    const error = stage.betray(trap, call)
    expect(error).toBeInstanceOf(CacheClosedError)
    const { cause } = error as CacheClosedError
    expect((cause as Error).name).toBe('RuntimeError')
    expect(String(error)).toContain('unreachable')
    await expectClosed(stage.cache, cause)
    stage.expectOthersToRecover()
  })
})

/** Numbers from 1 to `count`: all of few, and some of many. */
function sample(count: number): number[] {
  const step = Math.max(1, Math.floor(count / MAX_POINTS))
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => 1 + index * step)
}

describe('an exception before any store of a call', () => {
  test.each(['set', 'delete', 'increment', 'clear', 'take'])(
    'either closes the cache or leaves it in order: %s',
    async (name) => {
      const call = METHODS[name]
      let closed = 0
      let open = 0
      const stage = new Stage()
      const attach = (): SharedCache<unknown> => faults.use(() => stage.attach())
      const first = attach()
      const steps = await faults.count(() => void call(first))
      first.close()
      stage.cache.close()
      for (const at of sample(steps)) {
        stage.survivor.set('plain', 'value')
        const cache = attach()
        let failure: unknown
        await faults.killAt(at, () => {
          failure = errorOf(() => call(cache))
        })
        if (failure instanceof CacheClosedError) {
          closed++
          expect(failure.cause).toBeInstanceOf(Killed)
          await expectClosed(cache, failure.cause)
        } else {
          // Why undefined too: it takes fewer stores where the first one has left something.
          if (failure !== undefined) expect(failure).toBeInstanceOf(Killed)
          open++
          expect(cache.set('plain', at)).toBe(true)
          expect(cache.verify()).toEqual({ ok: true, problems: [] })
          cache.close()
        }
        stage.expectOthersToRecover()
      }
      expect(closed).toBeGreaterThan(0)
      expect(open).toBeGreaterThan(0)
    },
  )
})

/** Runs an action with as little of the stack left as it needs to come back from. */
function atEndOfStack(action: () => void): void {
  try {
    atEndOfStack(action)
  } catch {
    action()
  }
}

/** The same, so many words nearer to the end. */
function atEndOfStackBut(words: number, action: () => void): void {
  const further = (..._words: number[]): void => atEndOfStack(action)
  further(...new Array<number>(words))
}

describe('a lock that carries the name of the thread that wants it', () => {
  /** As after an exception with too little of the stack left to say so. */
  const leaveLocked = ({ survivor }: Stage, attachment: number): void => {
    const words = wordsOf(survivor.handle)
    const name = words[(THREADS_PTR + attachment * THREAD_BYTES + THREAD_LOCK_NAME) >>> 2]
    const shards = words[(CONTROL_PTR + CONTROL_SHARDS_PTR) >>> 2]
    for (const shard of [0, 1]) words[(shards + shard * SHARD_BYTES) >>> 2] = name
  }

  test.each(['set', 'delete', 'increment', 'clear'])(
    'closes the cache at once in %s, and others recover',
    async (name) => {
      const stage = new Stage()
      leaveLocked(stage, 1)
      const error = errorOf(() => METHODS[name](stage.cache)) as HotsetError
      expect(error).toBeInstanceOf(CacheClosedError)
      expect(error.cause).toBeInstanceOf(RuntimeError)
      await expectClosed(stage.cache, error.cause)
      stage.expectOthersToRecover()
    },
  )

  test('is given back by close()', () => {
    const stage = new Stage()
    stage.cache.get('plain')
    leaveLocked(stage, 1)
    stage.cache.close()
    stage.expectOthersToRecover()
  })
})

describe('the end of the stack', () => {
  const ROUNDS = 60

  const CALLS: Record<string, (cache: SharedCache<unknown>, index: number) => unknown> = {
    get: (cache) => cache.get('expiring'),
    getMany: (cache) => cache.getMany(['expiring', 'plain', 'key 1', 'key 2']),
    set: (cache, index) => cache.set(`key ${index % 50}`, 'x'.repeat(index % 300)),
    'set of a large value': (cache, index) => cache.set(`large ${index % 5}`, 'x'.repeat(50_000)),
    delete: (cache, index) => cache.delete(`key ${index % 50}`),
    take: (cache, index) => cache.take(`key ${index % 50}`),
    increment: (cache) => cache.increment('number'),
    purgeExpired: (cache) => cache.purgeExpired(),
    clear: (cache) => cache.clear(),
  }

  test.each(Object.keys(CALLS))('leaves a cache that works, or is closed: %s', async (name) => {
    const stage = new Stage({ lockTimeout: 1000, maxBytes: '1536kb' })
    for (let round = 0; round < ROUNDS; round++) {
      for (let index = 0; index < 50; index++) {
        stage.survivor.set(`key ${index}`, 'x'.repeat(200), { ttl: 1 + index })
      }
      stage.clock.nowMs += 25
      const cache = stage.attach(round % 2 === 0 ? {} : { onRemove() {} })
      let calls = 0
      atEndOfStackBut(round, () => {
        calls++
        try {
          CALLS[name](cache, calls)
        } catch (error) {
          if (!(error instanceof CacheClosedError)) throw error
        }
      })
      // What there was no stack for is done in the next turn.
      await null
      const error = errorOf(() => expect(cache.set('plain', round)).toBe(true))
      if (error === undefined) {
        expect(stage.hasFailedThread).toBe(false)
        expect(cache.get('plain')).toBe(round)
        cache.close()
      } else {
        expect(error).toBeInstanceOf(CacheClosedError)
        // Why also a trap: where nothing could be said of the end of the stack, the next call finds the lock.
        const { cause } = error as HotsetError
        expect(cause instanceof RangeError || cause instanceof RuntimeError).toBe(true)
      }
      const { survivor } = stage
      expect(survivor.set('plain', 'after')).toBe(true)
      expect(survivor.verify()).toEqual({ ok: true, problems: [] })
      expect(survivor.stats().rejected.lockTimeout).toBe(0)
    }
  })
})
