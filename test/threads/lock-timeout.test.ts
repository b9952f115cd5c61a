/**
 * A shard that a living thread does not let go: every call comes back after its lock timeout, with a miss or a
 * refusal, and nothing hangs or raises an error.
 *
 * What a call waits is not measured: it is the sum of the times that it asked the system to wait at most.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { ownThread } from '../../src/engine/thread-identity.js'
import { SharedCache } from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const LOCK_TIMEOUT_MS = 20
/** A slot of the registry that no thread of these tests gets by itself. */
const OTHER_SLOT = 6
/** assembly/struct/shard.ts */
const SEQUENCE = 4

afterEach(() => {
  vi.restoreAllMocks()
})

class HeldCache {
  readonly clock = new ManualClock()
  readonly cache = new SharedCache<unknown>({
    maxBytes: '2mb',
    shards: 1,
    lockTimeout: LOCK_TIMEOUT_MS,
    near: false,
    clock: this.clock,
  })
  readonly #words: Int32Array

  constructor() {
    const [engine] = this.cache.handle.engines as { memory: { buffer: SharedArrayBuffer } }[]
    this.#words = new Int32Array(engine.memory.buffer)
    this.cache.set('text', 'value', { tags: ['red'] })
    this.cache.set('large', 'x'.repeat(50_000))
    this.cache.set('number', 1)
    this.cache.set('expiring', 1, { ttl: 10 })
  }

  /** By a thread that lives: as it looks in the middle of a change, or (pool lock) of a call. */
  hold(...locks: ('shard' | 'pool')[]): void {
    this.#words[(layout.REGISTRY_PTR + OTHER_SLOT * layout.REGISTRY_SLOT_BYTES) >>> 2] =
      ownThread.id
    for (const lock of locks) this.#words[this.#lockPtr(lock) >>> 2] = OTHER_SLOT + 1
    if (locks.includes('shard')) this.#words[(this.#lockPtr('shard') + SEQUENCE) >>> 2]++
  }

  letGo(): void {
    for (const lock of ['shard', 'pool'] as const) {
      const at = this.#lockPtr(lock) >>> 2
      if (lock === 'shard' && this.#words[at] !== 0) this.#words[at + SEQUENCE / 4]++
      this.#words[at] = 0
    }
    this.#words[(layout.REGISTRY_PTR + OTHER_SLOT * layout.REGISTRY_SLOT_BYTES) >>> 2] = 0
  }

  /** What a call answers, and for how long it asked to wait. */
  measure<Result>(call: () => Result): { answer: Result; waitMs: number } {
    const wait = vi.spyOn(Atomics, 'wait')
    const answer = call()
    const waitMs = wait.mock.calls.reduce((sum, [, , , timeoutMs]) => sum + Number(timeoutMs), 0)
    return { answer, waitMs }
  }

  #lockPtr(lock: 'shard' | 'pool'): number {
    const control = layout.CONTROL_PTR
    if (lock === 'pool') return control + layout.CONTROL_POOL_LOCK
    return this.#words[(control + layout.CONTROL_SHARDS_PTR) >>> 2]
  }
}

interface Call {
  what: string
  act(cache: SharedCache<unknown>): unknown
  answer: unknown
  /** How many refusals are counted. */
  counted?: number
}

const READS: Call[] = [
  { what: 'get', act: (cache) => cache.get('text'), answer: undefined },
  { what: 'get of a large value', act: (cache) => cache.get('large'), answer: undefined },
  { what: 'peek', act: (cache) => cache.peek('text'), answer: undefined },
  { what: 'has', act: (cache) => cache.has('text'), answer: false },
  { what: 'info', act: (cache) => cache.info('text'), answer: undefined },
]

const WRITES: Call[] = [
  { what: 'set', act: (cache) => cache.set('text', 'new'), answer: false, counted: 1 },
  {
    what: 'set of a large value',
    act: (cache) => cache.set('new', 'x'.repeat(50_000)),
    answer: false,
    counted: 1,
  },
  { what: 'add', act: (cache) => cache.add('new', 'new'), answer: false, counted: 1 },
  {
    what: 'compareAndSet',
    act: (cache) => cache.compareAndSet('text', 1, 'new'),
    answer: false,
    counted: 1,
  },
  { what: 'increment', act: (cache) => cache.increment('number'), answer: Number.NaN, counted: 1 },
  { what: 'touch', act: (cache) => cache.touch('text', '1h'), answer: false, counted: 1 },
  { what: 'delete', act: (cache) => cache.delete('text'), answer: false, counted: 1 },
  { what: 'take', act: (cache) => cache.take('text'), answer: undefined, counted: 1 },
  {
    what: 'setMany',
    act: (cache) => cache.setMany([['new', 1]]),
    answer: 0,
    counted: 1,
  },
]

const WHOLE: Call[] = [
  { what: 'clear', act: (cache) => cache.clear(), answer: undefined },
  { what: 'size', act: (cache) => cache.size, answer: 4 },
  { what: 'keys', act: (cache) => [...cache.keys()], answer: [] },
  { what: 'deleteByPrefix', act: (cache) => cache.deleteByPrefix('t'), answer: 0 },
  { what: 'deleteByTag', act: (cache) => cache.deleteByTag('red'), answer: 0 },
  { what: 'stats().size', act: (cache) => cache.stats().size, answer: 4 },
  { what: 'bytes', act: (cache) => cache.bytes > 0, answer: true },
  { what: 'verify', act: (cache) => cache.verify().ok, answer: false },
]

describe('while another thread holds the shard', () => {
  test.each([...READS, ...WRITES, ...WHOLE])(
    '$what comes back within the lock timeout',
    ({ act, answer, counted }) => {
      const held = new HeldCache()
      const { cache } = held
      cache.get('text')
      held.hold('shard')
      const outcome = held.measure(() => act(cache))
      expect(outcome.answer).toEqual(answer)
      expect(outcome.waitMs).toBeLessThanOrEqual(LOCK_TIMEOUT_MS)
      if (counted !== undefined)
        expect(cache.stats().rejected).toMatchObject({ lockTimeout: counted })
      held.letGo()
      expect(cache.verify()).toEqual({ ok: true, problems: [] })
      expect(cache.get('text')).toBe('value')
      expect(cache.set('text', 'afterwards')).toBe(true)
    },
  )

  test('a get still finds what nobody changes, and never waits', () => {
    const held = new HeldCache()
    held.hold('shard')
    held.letGo()
    held.hold('pool')
    const { answer, waitMs } = held.measure(() => held.cache.get('text'))
    expect({ answer, waitMs }).toEqual({ answer: 'value', waitMs: 0 })
    held.letGo()
  })

  test('getOrSet loads, returns, and stores nothing', async () => {
    const held = new HeldCache()
    held.hold('shard')
    expect(await held.cache.getOrSet('new', () => 'loaded')).toBe('loaded')
    expect(await held.cache.getOrSet('text', async () => 'loaded')).toBe('loaded')
    held.letGo()
    expect([held.cache.get('new'), held.cache.get('text')]).toEqual([undefined, 'value'])
    expect(held.cache.verify()).toEqual({ ok: true, problems: [] })
  })

  test('others are served, by other shards', () => {
    const cache = new SharedCache<number>({ maxBytes: '16mb', shards: 4, lockTimeout: 1 })
    const [engine] = cache.handle.engines as { memory: { buffer: SharedArrayBuffer } }[]
    const words = new Int32Array(engine.memory.buffer)
    words[(layout.REGISTRY_PTR + OTHER_SLOT * layout.REGISTRY_SLOT_BYTES) >>> 2] = ownThread.id
    const lock = words[(layout.CONTROL_PTR + layout.CONTROL_SHARDS_PTR) >>> 2] >>> 2
    words[lock] = OTHER_SLOT + 1
    const stored = Array.from({ length: 100 }, (_, index) => cache.set(`key ${index}`, index))
    const refused = stored.filter((isStored) => !isStored).length
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(60)
    expect(cache.stats().rejected.lockTimeout).toBe(refused)
    words[lock] = 0
    expect(cache.size).toBe(100 - refused)
  })
})

describe('while another thread holds the lock of the pages', () => {
  test('what needs no page is done, and what does is refused', () => {
    const held = new HeldCache()
    held.hold('pool')
    expect(held.cache.set('text', 'other')).toBe(true)
    expect(held.cache.set('new', 'x'.repeat(150_000))).toBe(false)
    held.letGo()
    expect(held.cache.verify()).toEqual({ ok: true, problems: [] })
    expect(held.cache.set('new', 'x'.repeat(150_000))).toBe(true)
  })
})

describe('a thread that waits for a lock', () => {
  const HELD = 2
  const GO = 3
  const WAITS = 4

  test('gets it at once when it is let go', async () => {
    const cache = new SharedCache({
      maxBytes: '2mb',
      shards: 1,
      lockTimeout: '60s',
      clock: { now: () => 0 },
    })
    const control = createControl()
    const data = { handle: cache.handle, control, heldIndex: HELD, goIndex: GO, waitsIndex: WAITS }
    const holder = runWorkers<boolean>('lock-worker.mjs', [{ ...data, part: 'hold' }])
    await expect.poll(() => Atomics.load(control, HELD), { interval: 1 }).toBe(1)
    const waiter = runWorkers<boolean>('lock-worker.mjs', [{ ...data, part: 'wait' }])
    await expect.poll(() => Atomics.load(control, WAITS), { interval: 1 }).toBeGreaterThan(8)
    Atomics.store(control, GO, 1)
    Atomics.notify(control, GO)
    const waitsBefore = Atomics.load(control, WAITS)
    expect(await Promise.all([holder, waiter])).toEqual([[true], [true]])
    // One may have begun in between, or found the lock taken by the next in line.
    expect(Atomics.load(control, WAITS) - waitsBefore).toBeLessThanOrEqual(2)
    expect([cache.get('held'), cache.get('waited for')]).toEqual(['by the holder', 'by the waiter'])
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })
})
