/**
 * What the engine remembers of soft invalidations: 15 a bucket of tags, each with its time. What single entries
 * are then, test/cache/soft-tags.test.ts and the model of random-operations.test.ts tell.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { insideOf } from '../../src/cache/shared-cache.js'
import { SharedCache } from '../../src/index.js'
import { BUILDS } from '../support/engine-builds.js'
import { FaultEngine } from '../support/fault-engine.js'
import { Bank } from './verify-bank.js'
import { VerifyMemory } from './verify-memory.js'

const RECORDS = 15
const TTL_MS = 1e6
const STALE_MS = 1000
const HEAP_PAGE_ENTRIES = layout.PAGE_BYTES / 4

describe.each(BUILDS)('the %s build', (build) => {
  let bank: Bank
  /** Numbers of tags that have a bucket in common. */
  let tags: number[]

  beforeEach(() => {
    bank = new Bank({ build, policy: 'lru', shardCount: 1, maxBytes: 2 ** 20, seed: 1 })
    const buckets = new VerifyMemory(bank.engine).control(layout.CONTROL_TAG_BUCKETS)
    tags = Array.from({ length: 2 * RECORDS }, (_, index) => index * buckets)
  })

  function set(key: string, tag: number): void {
    const value = Buffer.from(key)
    const status = bank.set(key, value, { ttlMs: TTL_MS, staleMs: STALE_MS, tags: [tag] })
    expect(status).toBe(layout.STATUS_STORED)
  }

  /** At a time of its own, which is returned. */
  function expireTag(tag: number): number {
    const atMs = ++bank.nowMs
    bank.expireTag(tag)
    return atMs
  }

  /** Since when it is stale, or that it is fresh. */
  function staleSince(key: string): number | 'fresh' {
    if (bank.inspect(key)) return 'fresh'
    const { exports } = bank.engine
    expect(exports.inspect(...bank.stage(key), layout.GET_STALE)).not.toBe(layout.STATUS_MISS)
    return bank.engine.resultFloat(layout.THREAD_EXPIRES_AT)
  }

  it('tells since which of 15 invalidations an entry is stale', () => {
    const times = Array.from({ length: RECORDS }, (_, index) => {
      set(`${index}`, tags[index % 3])
      return expireTag(tags[index % 3])
    })
    expect(times.map((_, index) => staleSince(`${index}`))).toEqual(times)
  })

  it('takes invalidations of a tag within a millisecond for one', () => {
    const times = Array.from({ length: RECORDS }, (_, index) => {
      set(`${index}`, tags[0])
      bank.nowMs++
      for (let time = 0; time < 50; time++) bank.expireTag(tags[0])
      set(`${index} again`, tags[0])
      bank.expireTag(tags[0])
      return bank.nowMs
    })
    expect(times.map((_, index) => staleSince(`${index}`))).toEqual(times)
    expect(times.map((_, index) => staleSince(`${index} again`))).toEqual(times)
  })

  it('forgets the oldest of a tag that has younger ones, before any of another tag', () => {
    set('other', tags[1])
    const otherMs = expireTag(tags[1])
    set('old', tags[0])
    const times = Array.from({ length: 40 }, () => expireTag(tags[0]))
    expect(staleSince('other')).toBe(otherMs)
    expect(staleSince('old')).toBe(times[40 - RECORDS + 1])
    set('fresh', tags[0])
    expect(staleSince('fresh')).toBe('fresh')
  })

  it('takes for stale what is older than what was forgotten of a tag without a younger one', () => {
    set('older', tags[RECORDS + 1])
    const times = tags.slice(0, RECORDS).map(expireTag)
    expect(staleSince('older')).toBe('fresh')
    set('younger', tags[RECORDS + 1])
    expireTag(tags[RECORDS])
    expect(staleSince('older')).toBe(times[0])
    expect(staleSince('younger')).toBe('fresh')
    expireTag(tags[RECORDS + 2])
    // Why of the second: which of the two it was, nobody knows any more.
    expect(staleSince('older')).toBe(times[1])
    expect(bank.broken()).toEqual([])
  })

  it('leaves the hard invalidations of a tag as they are', () => {
    set('dead', tags[0])
    bank.invalidateTag(tags[0])
    for (const tag of tags) expireTag(tag)
    const { exports } = bank.engine
    expect(exports.inspect(...bank.stage('dead'), layout.GET_STALE)).toBe(layout.STATUS_MISS)
    set('stale', tags[0])
    const staleMs = expireTag(tags[0])
    for (const tag of tags.slice(1, RECORDS)) bank.invalidateTag(tag)
    expect(staleSince('stale')).toBe(staleMs)
  })

  it('gives the memory back once the stale period is over, whatever comes first', () => {
    const { engine } = bank
    const read = () => bank.get('key', layout.GET_STALE)
    const waysToSettle: [string, () => unknown][] = [
      ['a look at the stale value', read],
      ['a sweep', () => bank.sweep()],
      ['a claim', () => engine.exports.settle(...bank.stage('key'))],
    ]
    for (const [what, settle] of waysToSettle) {
      set('key', tags[0])
      expireTag(tags[0])
      settle()
      expect(engine.stat(layout.STAT_STALE_ENTRIES), what).toBe(1)
      bank.nowMs += STALE_MS + 1
      bank.purge()
      expect(engine.stat(layout.STAT_ENTRIES), what).toBe(0)
    }
  })

  it.each(['a sweep', 'its key'])(
    'has %s make an entry stale that lives for ever, where the heap of policy ttl is full',
    (what) => {
      bank = new Bank({ build, policy: 'ttl', shardCount: 1, maxBytes: 2 ** 21, seed: 1 })
      set('key', tags[0])
      bank.touch('key', 0)
      for (let index = 0; index < HEAP_PAGE_ENTRIES; index++) set(`${index}`, tags[1])
      if (what === 'its key') bank.engine.exports.expire(...bank.stage('key'), 0)
      else {
        expireTag(tags[0])
        bank.sweep()
      }
      expect(bank.get('key')).toBeUndefined()
      expect(bank.get('key', layout.GET_STALE)?.value.toString()).toBe('key')
      expect(bank.broken()).toEqual([])
    },
  )

  it('has the wheel take an entry that nobody looks at when its own expiry has come', () => {
    set('key', tags[0])
    bank.nowMs += TTL_MS - STALE_MS / 2 - 1
    expireTag(tags[0])
    bank.nowMs += STALE_MS / 2
    bank.purge()
    expect(bank.engine.stat(layout.STAT_STALE_ENTRIES)).toBe(1)
    bank.nowMs += STALE_MS / 2
    bank.purge()
    // Why not half a period later: when it was marked as stale, it was known since when.
    expect(bank.engine.stat(layout.STAT_ENTRIES)).toBe(0)
  })
})

it('costs the same stores to memory for ten entries and for ten thousand', async () => {
  const faults = new FaultEngine()
  const counts: number[] = []
  for (const entries of [10, 10_000]) {
    const cache = faults.use(
      () => new SharedCache<number>({ maxBytes: '64mb', near: false, shards: 4 }),
    )
    for (let index = 0; index < entries; index++) cache.set(`${index}`, index, { tags: ['t'] })
    counts.push(await faults.count(() => insideOf(cache).expireTags(['t'])))
    expect(cache.get('7')).toBeUndefined()
    cache.close()
  }
  expect(counts[0]).toBeGreaterThan(0)
  expect(counts[1]).toBe(counts[0])
})
