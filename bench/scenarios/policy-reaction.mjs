/** How soon the adaptive policy follows a workload that changes what it asks of a cache. */
import { CONFIGURATIONS } from '../parts/policy-switch.mjs'
import { judgeRegime, mean, POLLS, runRegimes } from '../parts/reaction.mjs'
import { regimesOf } from '../parts/regimes.mjs'

const ADAPTIVE = 'hotset, adaptive'
const REGIMES = Object.keys(regimesOf(1000, 1))
const DRAWN_CAPACITY = 10_000
const MOST_LAG = 4
/** In capacities: of each regime. */
const LENGTH = 32

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'How soon the policy follows a change',
  about: `A cache bounded in entries, one shard, near cache off, read-through. ${LENGTH} capacities of requests each
that want one rule after another: "recent" (every other request is for a new key, the next for one of the latest
0.8 capacities of keys), "frequent" (Zipf 0.9 over 10 capacities of keys), "scan" (the same, every other request for
a key that never comes again), "loop" (over 1.5 capacities of keys), and "recent" again. The first begins with an
empty cache, which takes two capacities to fill. The same requests with each configuration fixed throughout tell which one is right: those within
a point of the best. stats().policy is asked ${POLLS} times a capacity which one is in force: "until right" is how many
capacities of requests after the change a right one was (0: it was already), "then right" for how much of the rest.
"at stake" is how much more the best hits than the one that was in force when the regime began: where that is
little, the policy takes its time, since a change costs hits, too.`,
  implementations: [ADAPTIVE],
  rounds: 3,
  cases: [1000, DRAWN_CAPACITY, 50_000].flatMap((capacity) => casesOf(capacity, LENGTH)),
  smokeCases: casesOf(1000, 6),
  metrics: [
    { key: 'hits', title: 'adaptive: hits, %', digits: 1, better: 'more' },
    { key: 'lru', title: 'lru', digits: 1 },
    ...CONFIGURATIONS.map((name) => ({ key: name, title: `always ${name}`, digits: 1 })),
    { key: 'atStake', title: 'at stake, points', digits: 1 },
    { key: 'lag', title: 'until right, capacities', digits: 2, better: 'less' },
    { key: 'held', title: 'then right, %', digits: 0, better: 'more' },
  ],
  series: ['hitsCourse', 'lruCourse', 'inForceCourse'],
  chart: {
    metric: 'lag',
    title: `A workload that changes, ${DRAWN_CAPACITY.toLocaleString('en')} entries: what hits, and what is in force`,
    valueTitle: 'hits, %',
    atTitle: 'requests, in capacities of the cache',
    step: 1 / POLLS,
    cases: REGIMES.map((regime) => nameOf(DRAWN_CAPACITY, regime)),
    lines: [
      { series: 'hitsCourse', title: ADAPTIVE },
      { series: 'lruCourse', title: 'hotset, lru' },
    ],
    states: { series: 'inForceCourse', title: 'in force', names: CONFIGURATIONS },
  },
  aims: [{ implementation: ADAPTIVE, metric: 'lag', of: 'value', atMost: MOST_LAG }],

  run({ parameters, seed }) {
    const { capacity, capacities, regime } = parameters
    const { adaptive, lru, fixed } = runAll(capacity, capacities, seed)
    const { hits, inForce } = adaptive[regime]
    const fixedHits = fixed.map((courses) => mean(courses[regime].hits))
    return {
      hits: mean(hits),
      lru: mean(lru[regime].hits),
      ...Object.fromEntries(CONFIGURATIONS.map((name, index) => [name, fixedHits[index]])),
      ...judgeRegime(inForce, fixedHits, inForceBefore(adaptive, regime)),
      hitsCourse: rounded(hits),
      lruCourse: rounded(lru[regime].hits),
      inForceCourse: inForce,
    }
  },
}

function casesOf(capacity, capacities) {
  return REGIMES.map((regime) => ({
    name: nameOf(capacity, regime),
    together: String(capacity),
    capacity,
    capacities,
    regime,
  }))
}

function nameOf(capacity, regime) {
  return `${capacity.toLocaleString('en')} entries: ${regime}`
}

let done

/** Once for all regimes of a capacity: their cases follow each other. */
function runAll(capacity, capacities, seed) {
  if (done?.capacity === capacity) return done
  const setting = { capacity, capacities, seed }
  done = {
    capacity,
    adaptive: runRegimes(setting),
    lru: runRegimes({ ...setting, policy: 'lru' }),
    fixed: CONFIGURATIONS.map((name) => runRegimes({ ...setting, fixed: name })),
  }
  return done
}

/** A cache begins with the first. */
function inForceBefore(courses, regime) {
  const before = REGIMES[REGIMES.indexOf(regime) - 1]
  return before === undefined ? 0 : courses[before].inForce.at(-1)
}

/** To what a chart can show. */
function rounded(numbers) {
  return numbers.map((number) => Math.round(number * 10) / 10)
}
