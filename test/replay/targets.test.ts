/** The two caches behind the same four calls, and the budgets they get. */
import { describe, expect, it } from 'vitest'
import { type Budget, largestValueBytes, lruCacheEntryBytes } from '../../src/replay/budget.js'
import { ReplayClock } from '../../src/replay/clock.js'
import { replay } from '../../src/replay/runner.js'
import { HotsetTarget } from '../../src/replay/targets/hotset.js'
import { LruCacheTarget } from '../../src/replay/targets/lru-cache.js'
import type { ReplayTarget } from '../../src/replay/targets/target.js'
import { Workload } from '../../src/replay/workload.js'

const MIB = 1024 * 1024

type Create = (budget: Budget, clock?: ReplayClock) => ReplayTarget

const TARGETS: [string, Create][] = [
  [
    'hotset',
    (budget, clock) =>
      new HotsetTarget({ budget, clock, policy: 'lru', valueBytes: 100, near: true }),
  ],
  ['lru-cache', (budget, clock) => new LruCacheTarget({ budget, clock })],
]

describe.each(TARGETS)('%s', (_name, create) => {
  it('returns what was stored until it is deleted', () => {
    const target = create({ unit: 'bytes', bytes: MIB })
    expect(target.get('a')).toBeUndefined()
    expect(target.set('a', 'value', 0)).toBe(true)
    expect(target.get('a')).toBe('value')
    target.delete('a')
    expect(target.get('a')).toBeUndefined()
    target.close()
  })

  it('lets entries expire by the clock it is given', () => {
    const clock = new ReplayClock()
    const target = create({ unit: 'bytes', bytes: MIB }, clock)
    target.set('a', 'value', 1000)
    clock.nowMs += 999
    expect(target.get('a')).toBe('value')
    clock.nowMs += 2
    expect(target.get('a')).toBeUndefined()
    target.close()
  })

  it('holds so many entries and counts the evicted', () => {
    const target = create({ unit: 'entries', entries: 100 })
    for (let index = 0; index < 250; index++) target.set(`key:${index}`, 'v'.repeat(100), 0)
    expect(target.summary()).toMatchObject({ entries: 100, evictions: 150 })
    target.close()
  })

  it('stays within its bytes, and returns only right values under load', async () => {
    const target = create({ unit: 'bytes', bytes: 2 * MIB })
    const result = await replay(target, new Workload(5, 40_000), {
      clock: undefined,
      defaultTtlMs: 0,
      defaultValueBytes: 100,
      sizedValues: true,
      largestValueBytes: largestValueBytes({ unit: 'bytes', bytes: 2 * MIB }),
      limit: Number.POSITIVE_INFINITY,
    })
    const { countedBytes, evictions } = target.summary()
    expect(result).toMatchObject({ accesses: 40_000, wrongValues: 0, refused: 0 })
    expect(result.hits).toBeGreaterThan(5000)
    expect(evictions).toBeGreaterThan(1000)
    expect(countedBytes).toBeLessThanOrEqual(2 * MIB)
    target.close()
  })

  it('takes the largest value that a replay stores', () => {
    const budget: Budget = { unit: 'bytes', bytes: 8 * MIB }
    const target = create(budget)
    const value = 'v'.repeat(largestValueBytes(budget))
    expect(target.set('k'.repeat(1000), value, 0)).toBe(true)
    expect(target.get('k'.repeat(1000))).toBe(value)
    target.close()
  })
})

it('an entry of lru-cache is taken for its strings on the heap and its place in the tables', () => {
  expect(lruCacheEntryBytes('k'.repeat(16), 'v'.repeat(100))).toBe(32 + 120 + 128)
})
