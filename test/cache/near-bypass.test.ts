/** While the near cache is timed, passed by and taken up again, every answer and every count stays right. */
import assert from 'node:assert/strict'
import { afterEach, expect, it, vi } from 'vitest'
import { NearReview } from '../../src/cache/near-review.js'
import { Random } from '../support/random.js'
import { createCache, fill, warm } from './shared-cache-helpers.js'

const KEYS = 400
const NEAR_KEYS = 250
const STEPS = 200_000
/** One in so many steps is no get. */
const OTHER_STEPS = 40

afterEach(() => {
  vi.restoreAllMocks()
})

/** A clock on which each get that is timed takes as long as `cost` says, in milliseconds. */
function fakeTimer(cost: () => number): { readings: number } {
  const timer = { readings: 0 }
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    if (timer.readings++ % 2 === 1) nowMs += cost()
    return nowMs
  })
  return timer
}

const random = new Random(5)

/** Whether gets are timed, and how many pass the near cache by, are the review's to say: here it throws dice. */
function decideByChance(): void {
  const { prototype } = NearReview
  vi.spyOn(prototype, 'countMiss').mockImplementation(() => {
    return random.chance(0.02) ? random.between(1, 60) : 0
  })
  vi.spyOn(prototype, 'wantsNearCost', 'get').mockImplementation(() => random.chance(0.2))
  vi.spyOn(prototype, 'wantsEngineCost', 'get').mockImplementation(() => random.chance(0.5))
}

it.each([
  ['as the clock says', () => fakeTimer(() => random.next() * 0.001)],
  ['at every moment', decideByChance],
])('passed by %s', (_, prepare) => {
  prepare()
  const whenBypassed = vi.spyOn(NearReview.prototype, 'wantsEngineCost', 'get')
  const { cache } = createCache({ near: { maxEntries: NEAR_KEYS }, maxBytes: '16mb' })
  const model = new Map<string, { of: number }>()
  const counted = { hits: 0, misses: 0 }
  const note = (key: string, value: unknown): void => {
    if (value === undefined) counted.misses++
    else counted.hits++
    assert.deepEqual(value, model.get(key))
  }
  for (let step = 0; step < STEPS; step++) {
    const key = `key:${random.below(KEYS)}`
    if (step % OTHER_STEPS !== 0) {
      const value = cache.get(key)
      // Why so short: it runs so often.
      if (value?.of !== model.get(key)?.of) assert.fail(`${key} is ${value?.of}`)
      if (value === undefined) counted.misses++
      else counted.hits++
      continue
    }
    switch (random.below(6)) {
      case 0:
        cache.delete(key)
        model.delete(key)
        break
      case 1: {
        const keys = Array.from({ length: 20 }, () => `key:${random.below(KEYS)}`)
        cache.getMany(keys).forEach((value, index) => {
          note(keys[index], value)
        })
        break
      }
      case 2:
        assert.deepEqual(cache.peek(key), model.get(key))
        break
      default:
        cache.set(key, { of: step })
        model.set(key, { of: step })
    }
  }
  expect(cache.stats()).toMatchObject(counted)
  expect(cache.stats().nearHits).toBeGreaterThan(counted.hits / 4)
  expect(whenBypassed.mock.calls.length).toBeGreaterThan(2000)
})

it('a near cache that misses nothing is not timed', () => {
  const timer = fakeTimer(() => 0.001)
  const { cache } = createCache()
  fill(cache, 10)
  for (let round = 0; round < 4; round++) {
    for (let index = 0; index < 10; index++) warm(cache, `key:${index}`)
  }
  const { readings } = timer
  const { nearHits } = cache.stats()
  for (let get = 0; get < 100_000; get++) assert.equal(cache.get(`key:${get % 10}`), get % 10)
  // A first get may still be one that a miss before has asked to be timed.
  expect(timer.readings - readings).toBeLessThanOrEqual(2)
  expect(cache.stats().nearHits - nearHits).toBe(100_000)
})

it('an exception in a get that is timed is handed on, and later ones are right', () => {
  fakeTimer(() => 0.001)
  const { cache } = createCache({ near: { maxEntries: 2 } })
  fill(cache, 100)
  let refused = 0
  for (let get = 0; get < 20_000; get++) {
    const index = (get * 7) % 100
    if (get % 3 === 0) {
      assert.throws(() => cache.get(index as never), { code: 'ERR_HOTSET_INVALID_KEY' })
      refused++
    }
    assert.equal(cache.get(`key:${index}`), index)
  }
  expect(cache.stats()).toMatchObject({ hits: 20_000, misses: 0 })
  expect(refused).toBeGreaterThan(0)
})

it('getMany alone has it passed by, and takes it up again', () => {
  const { cache } = createCache()
  const keys = Array.from({ length: 50 }, (_, index) => `key:${index}`)
  fill(cache, 50)
  const misses = Array.from({ length: 1024 }, (_, index) => `none:${index}`)
  expect(cache.getMany(misses)).not.toContain(0)
  for (let round = 0; round < 2048 / 50; round++) {
    expect(cache.getMany(keys)[49]).toBe(49)
    for (const key of keys) cache.info(key)
  }
  expect(cache.stats().nearHits).toBe(0)
  for (let round = 0; round < 5; round++) cache.getMany(keys)
  expect(cache.stats()).toMatchObject({ nearHits: 5 * 50, hits: 46 * 50, misses: 1024 })
})
