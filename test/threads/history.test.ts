/**
 * The history check: threads write down what they ask of one cache, and what it answers, and each key's
 * history has to be one that a single thread could have seen. Also each value that is read has to be whole.
 *
 * HOTSET_HISTORY_OPERATIONS asks for more than the 1.2 million operations of the short form.
 */
import { expect, test } from 'vitest'
import type { CacheOptions } from '../../src/index.js'
import { type RunOptions, recordRun } from './support/recorded-run.js'

const TOTAL = Number(process.env.HOTSET_HISTORY_OPERATIONS ?? 1_200_000)

const ROOMY: CacheOptions = { maxBytes: '64mb' }
const TIGHT: CacheOptions = { maxBytes: '1mb', shards: 1 }

type Run = Omit<RunOptions, 'name' | 'operations' | 'seed' | 'times'>

const runs: Record<string, Run> = {
  'near cache, small values': { cache: ROOMY, threads: 2, values: 'small' },
  'near cache, small values, 4 threads': { cache: ROOMY, threads: 4, values: 'small' },
  'no near cache, one shard': {
    cache: { ...ROOMY, near: false, shards: 1 },
    threads: 2,
    values: 'small',
  },
  'values of many sizes and types': { cache: ROOMY, threads: 3, values: 'mixed' },
  'values of many sizes and types, no near cache, one shard': {
    cache: { ...ROOMY, near: false, shards: 1 },
    threads: 2,
    values: 'mixed',
  },
  'cleared now and then, policy lru': {
    cache: { ...ROOMY, policy: 'lru' },
    threads: 3,
    values: 'mixed',
    sweep: 'clear',
  },
  'invalidated by tags now and then': {
    cache: ROOMY,
    threads: 3,
    values: 'small',
    sweep: 'invalidateTags',
  },
  'policy lfu, one shard': {
    cache: { ...ROOMY, policy: 'lfu', shards: 1 },
    threads: 4,
    values: 'mixed',
  },
  'lifetimes, policy ttl': {
    cache: { ...ROOMY, policy: 'ttl', ttl: '1h' },
    threads: 2,
    values: 'small',
  },
  'sliding lifetimes, policy priority': {
    cache: { ...ROOMY, policy: 'priority', ttl: '1h', sliding: true },
    threads: 2,
    values: 'small',
  },
  'values of one size class, written in place': {
    cache: { ...ROOMY, near: false },
    threads: 2,
    values: 'even',
  },
  'values larger than the staging, policy fifo': {
    cache: { ...ROOMY, policy: 'fifo' },
    threads: 2,
    values: 'large',
  },
  'read in batches, near cache': { cache: ROOMY, threads: 3, values: 'mixed', batch: 5 },
  'read in batches, no near cache, one shard': {
    cache: { ...ROOMY, near: false, shards: 1 },
    threads: 3,
    values: 'mixed',
    batch: 9,
  },
  evictions: { cache: TIGHT, threads: 3, values: 'mixed', fillers: 500 },
  'evictions, policy lru, no near cache': {
    cache: { ...TIGHT, policy: 'lru', near: false },
    threads: 2,
    values: 'mixed',
    fillers: 500,
  },
}

const operations = Math.floor(TOTAL / Object.keys(runs).length)

test.each(Object.entries(runs))('%s', async (name, run) => {
  const seed = Object.keys(runs).indexOf(name)
  const times = seed % 2 === 0 ? 'ticks' : 'nanoseconds'
  const report = await recordRun({ ...run, name, seed, times, operations })
  expect(report.problems).toEqual([])
  if (run.cache.near !== false && !run.cache.sliding) expect(report.nearHits).toBeGreaterThan(0)
  if (run.fillers !== undefined) expect(report.evictions).toBeGreaterThan(0)
})
