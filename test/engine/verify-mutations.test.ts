/**
 * Random words of control structures broken, one at a time, in banks of every policy: verify() neither traps
 * nor hangs, whatever stands there, and finds most of it. What it cannot find is what nothing depends on:
 * statistics, versions, times of creation, hits, links of what is in no list.
 *
 * Costs about 5 s.
 */
import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { INVARIANTS } from '../../src/engine/invariants.js'
import { BUILDS, type Build } from '../support/engine-builds.js'
import { Random } from '../support/random.js'
import { type Bank, POLICIES } from './verify-bank.js'
import { MINIATURE_BUCKETS, MiniatureField, ShardField, VerifyMemory } from './verify-memory.js'
import { createVariedBank } from './verify-varied-work.js'

const FIRST_SEED = 100
const MUTATIONS: Record<Build, number> = { release: 1000, debug: 400 }
/** A walk takes about a millisecond; one that is led astray may be slower, but comes to its end. */
const SLOWEST_MS = 1000
const WORD_BYTES = 4
const FRAGMENT_WORDS = 4

/** How much of what is broken in an area is found, at least. */
const LEAST_SHARE: ReadonlyMap<string, number> = new Map([
  ['pool', 0.95],
  ['shards', 0.8],
  ['directories', 0.95],
  ['segments', 0.9],
  ['page table', 0.7],
  ['entries', 0.55],
  ['chains', 0.75],
  // Counters may be any, and so may bits that are masked as they are read.
  ['miniatures', 0.8],
])

/** Where the words of an area are, from and to. */
type Span = [from: number, to: number]

interface Area {
  name: string
  spans: Span[]
}

interface Tally {
  done: number
  found: number
}

function areasOf(memory: VerifyMemory): Area[] {
  const { shards } = memory
  const entries = shards.flatMap((shard) => memory.slots(shard).map(({ entry }) => entry))
  const chained = entries.filter(
    (entry) => memory.has(entry, layout.FLAG_CHAINED) && memory.fragment(entry) !== 0,
  )
  const pool = memory.controlPtr(layout.CONTROL_POOL_FREE_HEAD)
  return [
    { name: 'pool', spans: [[pool, pool + 3 * WORD_BYTES]] },
    {
      name: 'shards',
      spans: shards.map((shard) => [shard + ShardField.entries, shard + layout.SHARD_BYTES]),
    },
    {
      name: 'directories',
      spans: shards.map((shard) => {
        const first = memory.directoryPtr(shard)
        return [first, first + WORD_BYTES * 2 ** memory.word(shard + ShardField.depth)]
      }),
    },
    {
      name: 'segments',
      spans: shards
        .flatMap((shard) => memory.segments(shard))
        .map((segment) => [segment, segment + layout.SEGMENT_BYTES]),
    },
    {
      name: 'page table',
      spans: memory.pages().map((page) => [page, page + layout.PAGE_ENTRY_BYTES]),
    },
    {
      name: 'entries',
      spans: entries.map((entry) => [entry, entry + layout.ENTRY_HEADER_BYTES]),
    },
    {
      name: 'chains',
      spans: chained
        .map((entry) => memory.fragment(entry))
        .map((fragment) => [fragment, fragment + FRAGMENT_WORDS * WORD_BYTES]),
    },
    ...miniatureAreaOf(memory),
  ]
}

/** None: the policy has no miniatures. */
function miniatureAreaOf(memory: VerifyMemory): Area[] {
  const shards = memory.shards.filter((shard) => memory.word(shard + ShardField.selector) !== 0)
  if (shards.length === 0) return []
  const spans = shards.flatMap((shard) => {
    const miniature = memory.miniature(shard)
    const buckets = miniature + MiniatureField.buckets
    return [
      [buckets, buckets + MINIATURE_BUCKETS] as Span,
      ...memory
        .usedNodes(miniature)
        .map((node): Span => [node + WORD_BYTES, node + 2 * WORD_BYTES]),
    ]
  })
  return [{ name: 'miniatures', spans }]
}

/** Another word than stands there: near to it, nothing, or anything. */
function mutate(memory: VerifyMemory, random: Random, ptr: number, anyEntry: number): void {
  const before = memory.word(ptr)
  const after = random.pick([
    before ^ (1 << random.below(32)),
    before + 1,
    before + WORD_BYTES,
    0,
    random.below(2 ** 32),
    anyEntry,
  ])
  memory.setWord(ptr, after >>> 0 === before ? before ^ 1 : after)
}

/** Breaks so many words, one at a time, and counts by area. */
function run(bank: Bank, random: Random, mutations: number, tallies: Map<string, Tally>): void {
  const memory = new VerifyMemory(bank.engine)
  const areas = areasOf(memory)
  const entries = memory.shards.flatMap((shard) => memory.slots(shard).map(({ entry }) => entry))
  for (let index = 0; index < mutations; index++) {
    const { name, spans } = areas[index % areas.length]
    const [from, to] = random.pick(spans)
    const ptr = from + WORD_BYTES * random.below((to - from) / WORD_BYTES)
    mutate(memory, random, ptr, random.pick(entries))
    const numbers = verifyInTime(bank, `${name}: ${memory.word(ptr)} at ${from} + ${ptr - from}`)
    memory.restore()
    for (const number of numbers) assert.ok(number in INVARIANTS, `there is an invariant ${number}`)
    const { done, found } = tallies.get(name) ?? { done: 0, found: 0 }
    tallies.set(name, { done: done + 1, found: found + Number(numbers.length > 0) })
  }
  assert.deepEqual(bank.broken(), [], 'all is as it was')
}

function verifyInTime(bank: Bank, where: string): number[] {
  const start = performance.now()
  try {
    return bank.broken()
  } catch (error) {
    throw new Error(`verify() traps where ${where}`, { cause: error })
  } finally {
    assert.ok(performance.now() - start < SLOWEST_MS, `verify() is slow where ${where}`)
  }
}

test.each(BUILDS)(
  'the %s build neither traps nor hangs on broken words, and finds most',
  (build) => {
    const tallies = new Map<string, Tally>()
    POLICIES.forEach((policy, index) => {
      const seed = FIRST_SEED + index
      try {
        run(createVariedBank(build, policy, seed), new Random(seed), MUTATIONS[build], tallies)
      } catch (error) {
        throw new Error(`${policy}, seed ${seed}: ${String(error)}`, { cause: error })
      }
    })
    const shares = [...tallies].map(([name, { done, found }]) => ({
      name,
      share: found / done,
      done,
    }))
    console.log(
      `${build}: found in ${shares.map(({ name, share, done }) => `${name} ${(share * 100).toFixed(0)}% of ${done}`).join(', ')}`,
    )
    expect(shares.map(({ name }) => name)).toEqual([...LEAST_SHARE.keys()])
    for (const { name, share } of shares) {
      expect(share, name).toBeGreaterThanOrEqual(LEAST_SHARE.get(name) ?? 1)
    }
  },
)
