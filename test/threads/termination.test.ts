/**
 * Threads that are terminated at random moments, locks in hand or not, while others go on. Each round: a
 * worker that does everything at once, its end, and a look at what it left.
 *
 * HOTSET_TERMINATIONS: how many in all (default 60; the full form is 600).
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { type Policy, SharedCache } from '../../src/index.js'
import { Random } from '../support/random.js'
import { createControl, workerUrl } from './support/worker-threads.js'
import { isWholeValue, keyOf, makeValue } from './workers/victim-values.mjs'

const POLICIES: readonly Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
const ROUNDS = Math.ceil(Number(process.env.HOTSET_TERMINATIONS ?? 60) / POLICIES.length)
const KEYS = 300
const STARTED = 0
const VICTIM_PROGRESS = 1
const PROGRESS = 2
const STOP = 3
const LONGEST_RUN_MS = 12
const LOCK_TIMEOUT_MS = 2000
const WORKER = workerUrl('victim-worker.mjs')

interface BystanderReport {
  wrong: number
  longestMs: number
}

class Bystander {
  readonly #worker: Worker
  readonly #control: Int32Array<SharedArrayBuffer>
  readonly report: Promise<BystanderReport>

  constructor(cache: SharedCache<string>, control: Int32Array<SharedArrayBuffer>, seed: number) {
    this.#control = control
    this.#worker = new Worker(WORKER, {
      workerData: {
        handle: cache.handle,
        control,
        startedIndex: STARTED,
        progressIndex: PROGRESS,
        stopIndex: STOP,
        seed,
        keys: KEYS,
      },
    })
    this.report = new Promise((resolve, reject) => {
      this.#worker.once('message', resolve)
      this.#worker.once('error', reject)
    })
  }

  /** Resolves once it has done something since. */
  async goesOn(): Promise<void> {
    const before = Atomics.load(this.#control, PROGRESS)
    await expect
      .poll(() => Atomics.load(this.#control, PROGRESS), { timeout: 20_000, interval: 2 })
      .not.toBe(before)
  }

  async stop(): Promise<BystanderReport> {
    Atomics.store(this.#control, STOP, 1)
    const report = await this.report
    await this.#worker.terminate()
    return report
  }
}

/** Terminates a worker after a while; the whole while other threads work on. */
async function sacrifice(
  cache: SharedCache<string>,
  control: Int32Array<SharedArrayBuffer>,
  random: Random,
): Promise<void> {
  Atomics.store(control, STARTED, 0)
  const worker = new Worker(WORKER, {
    workerData: {
      handle: cache.handle,
      control,
      startedIndex: STARTED,
      progressIndex: VICTIM_PROGRESS,
      seed: random.below(1 << 30),
      keys: KEYS,
    },
  })
  const failure = new Promise<never>((_, reject) => worker.once('error', reject))
  await Promise.race([
    failure,
    expect.poll(() => Atomics.load(control, STARTED), { timeout: 20_000, interval: 1 }).toBe(1),
  ])
  const end = performance.now() + random.below(LONGEST_RUN_MS * 1000) / 1000
  while (performance.now() < end) cache.get(keyOf(random.below(KEYS)))
  await worker.terminate()
}

function expectOnlyWholeValues(cache: SharedCache<string>): void {
  for (let index = 0; index < KEYS; index++) {
    const value = cache.get(keyOf(index))
    if (value !== undefined)
      expect(isWholeValue(keyOf(index), value), value.slice(0, 40)).toBe(true)
  }
}

describe.each(POLICIES)('with policy %s', (policy) => {
  const caches: SharedCache[] = []
  afterAll(() => {
    for (const cache of caches) cache.close()
  })

  it('threads can be terminated at any moment', { timeout: 600_000 }, async () => {
    const random = new Random(policy.length * 1000 + ROUNDS)
    const cache = new SharedCache<string>({
      maxBytes: '4mb',
      policy,
      shards: 2,
      lockTimeout: LOCK_TIMEOUT_MS,
      maxEntryBytes: '100kb',
    })
    caches.push(cache)
    const control = createControl()
    const bystander = new Bystander(cache, control, 1)
    for (let round = 0; round < ROUNDS; round++) {
      await sacrifice(cache, control, random)
      expectOnlyWholeValues(cache)
      await bystander.goesOn()
      expect(cache.verify().problems).toEqual([])
    }
    const { wrong, longestMs } = await bystander.stop()
    expect(wrong).toBe(0)
    expect(longestMs).toBeLessThan(LOCK_TIMEOUT_MS)

    cache.maintain()
    cache.clear()
    const { threads, size, perShard, rejected, repairs } = cache.stats()
    expect({ threads, size }).toEqual({ threads: 1, size: 0 })
    expect(perShard.map(({ pages }) => pages)).toEqual([1, 1])
    expect(rejected.lockTimeout).toBe(0)
    console.log(
      `${policy}: ${repairs} repairs after ${ROUNDS} terminations, longest call ${longestMs.toFixed(1)} ms`,
    )
    expect(cache.set('key:0', makeValue('key:0', 1))).toBe(true)
  })
})

it('a worker that ends by itself without closing leaves its slot to the next', async () => {
  const cache = new SharedCache<string>({ maxBytes: '32mb' })
  const control = createControl()
  Atomics.store(control, STOP, 1)
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(workerUrl('forgetful-worker.mjs'), { workerData: cache.handle })
    await new Promise((resolve, reject) => {
      worker.once('exit', resolve)
      worker.once('error', reject)
    })
    await wait(0)
  }
  await expect
    .poll(() => {
      cache.maintain()
      return cache.stats().threads
    })
    .toBe(1)
  cache.close()
})
