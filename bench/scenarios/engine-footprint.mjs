/** What one call of the engine costs in instructions, accesses to memory and cache lines, for each policy. */
import { POLICIES } from '../engine/bank.mjs'
import { countOperation } from '../engine/count-operation.mjs'
import { REGION_TITLES } from '../engine/footprint.mjs'
import { OPERATIONS } from '../engine/operations.mjs'

const VALUE_BYTES = 16
const LARGER_VALUE_BYTES = 100
const SIZE = { entries: 100_000, valueBytes: VALUE_BYTES, calls: 10_000 }
const SMOKE_SIZE = { entries: 20_000, valueBytes: VALUE_BYTES, calls: 500 }
const COLD = 'cold: '
const CHARTED = ['adaptive', 'lru', 'lfu', 'ttl']
/** They differ in what a hit and an eviction do; of the rest the default and the plainest one tell enough. */
const FOR_ALL = ['hit', 'evict']
const SOME = ['adaptive', 'lru']

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'The engine alone: what a call does to memory',
  about: `Counted, not timed: the engine as it ships, rewritten so that each access to memory and each run of
instructions is told of, without strings and without JavaScript's part. Keys of 16 bytes, values of
${VALUE_BYTES} where the case says no other, ${SIZE.entries.toLocaleString('en')} entries, uniformly random keys. All figures are
of the mean of ${SIZE.calls.toLocaleString('en')} calls, and contain what a call does now and then for others (draining the log of
hits, splitting a segment of the index); "usual" is the median call. Instructions are WebAssembly's, constants
and locals left out. Lines are of 64 bytes, each counted once a call; cold are those that were not among
the last 512 different ones before (32 KiB). "own entry" is the one that the call is about, which at an
eviction takes the chunk that the victim has left; "other entries" are victims and neighbours in the lists.
\`node bench/engine/explain.mjs <operation> [policy]\` prints loads, stores and lines by what they belong to.`,
  implementations: POLICIES.toReversed(),
  // Why one: the counts are the same each time.
  rounds: 1,
  cases: [
    ...Object.entries(OPERATIONS).map(([operation, { title }]) => ({
      name: title,
      operation,
      ...SIZE,
      ...(!FOR_ALL.includes(operation) && { only: SOME }),
    })),
    ...FOR_ALL.map((operation) => ({
      name: `${OPERATIONS[operation].title}, ${LARGER_VALUE_BYTES} bytes`,
      operation,
      ...SIZE,
      only: SOME,
      valueBytes: LARGER_VALUE_BYTES,
    })),
  ],
  smokeCases: [
    { name: OPERATIONS.hit.title, operation: 'hit', only: ['adaptive'], ...SMOKE_SIZE },
    { name: OPERATIONS.evict.title, operation: 'evict', only: ['lru'], ...SMOKE_SIZE },
  ],
  metrics: [
    { key: 'instructions', title: 'instructions', digits: 0, better: 'less' },
    { key: 'usualInstructions', title: 'usual', digits: 0 },
    { key: 'loads', title: 'loads', digits: 1, better: 'less' },
    { key: 'stores', title: 'stores', digits: 1, better: 'less' },
    { key: 'lines', title: 'lines', digits: 1, better: 'less' },
    { key: 'coldLines', title: 'cold lines', digits: 2, better: 'less' },
    { key: 'usualColdLines', title: 'usual', digits: 0 },
    ...Object.entries(REGION_TITLES).map(([region, title]) => ({
      key: `cold ${region}`,
      title: COLD + title,
      digits: 2,
    })),
  ],
  chart: {
    metric: 'coldLines',
    title: 'Cold cache lines a call (less is better)',
    only: CHARTED,
  },

  run({ implementation, parameters, seed }) {
    const { regions, ...totals } = countOperation({ ...parameters, policy: implementation, seed })
    const cold = Object.entries(regions)
      .filter(([, { coldLines }]) => coldLines > 0)
      .map(([region, { coldLines }]) => [`cold ${region}`, coldLines])
    return { ...totals, ...Object.fromEntries(cold) }
  },
}
