/**
 * Work that leaves something of everything in a bank: an index of several segments, chains, tags, lifetimes
 * short and long, stale entries, used and free chunks of many classes, pages in the pool. Nothing is evicted.
 */
import assert from 'node:assert/strict'
import * as layout from '../../assembly/constants.js'
import type { Build } from '../support/engine-builds.js'
import { Random } from '../support/random.js'
import { Bank, NOISE_OFFSETS, noise, type PolicyName, type SetParameters } from './verify-bank.js'

const SMALL_KEYS = 2400
const LARGE_KEYS = 40
const READS = 3000
const MAX_BYTES = 4 * 1024 * 1024
const SHARDS = 2
const LOCK_TIMEOUT_MS = 5
/** Lifetimes that have ended when the work is done, with a stale period that has not. */
const BRIEF_MS = 10
const STALE_MS = 1e6

export function createVariedBank(build: Build, policy: PolicyName, seed: number): Bank {
  const bank = new Bank({
    build,
    policy,
    shardCount: SHARDS,
    maxBytes: MAX_BYTES,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    seed,
  })
  const random = new Random(seed)
  const put = (key: string, bytes: number) => {
    const value = noise(random.below(NOISE_OFFSETS), bytes)
    const status = bank.set(key, value, parameters(random))
    assert.equal(status, layout.STATUS_STORED)
  }
  for (let index = 0; index < SMALL_KEYS; index++) put(`key ${index}`, random.below(100))
  for (let index = 0; index < LARGE_KEYS; index++) {
    put(`large ${index}`, random.between(2100, index % 8 === 0 ? 60_000 : 16_000))
  }
  for (let index = 0; index < READS; index++) bank.get(`key ${random.below(SMALL_KEYS)}`)
  for (let index = 0; index < SMALL_KEYS; index += 5) bank.remove(`key ${index}`)
  for (let index = 0; index < LARGE_KEYS; index += 2) bank.remove(`large ${index}`)
  bank.nowMs += 2 * BRIEF_MS
  bank.purge()
  assert.ok(bank.engine.stat(layout.STAT_STALE_ENTRIES) > 0)
  assert.ok(bank.engine.stat(layout.STAT_SEGMENTS) > SHARDS)
  return bank
}

function parameters(random: Random): Partial<SetParameters> {
  const ttlMs = random.pick([0, 0, BRIEF_MS, random.between(100, 1e6), 3.2e12])
  return {
    ttlMs,
    staleMs: ttlMs > 0 && random.chance(1 / 2) ? STALE_MS : 0,
    sliding: ttlMs !== BRIEF_MS && random.chance(1 / 4),
    priority: random.below(256),
    tags: random.chance(1 / 5) ? [random.below(10), random.below(10)] : [],
    tagNamesBytes: random.below(20),
  }
}
