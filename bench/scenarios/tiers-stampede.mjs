/** A thousand callers of one key that no tier has. */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { smallObjects } from '../data/value-kinds.mjs'
import { summarise } from '../harness/statistics.mjs'
import { performance } from '../measuring/measure.mjs'
import { roomFor } from '../parts/tiered-reads.mjs'
import { BENTOCACHE, CACHEABLE } from '../peers/names.mjs'
import { HOTSET_TIERS, openTiered, TIERED, TTL } from '../peers/tiered/tiered-caches.mjs'

const CALLERS = 1000
const LOAD_MS = 20
const STAMPEDES = 60
const SMOKE_STAMPEDES = 3
const WARM_STAMPEDES = 10

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Tiers: a stampede',
  about: `${CALLERS.toLocaleString('en')} getOrSet of one key, begun together and awaited together, over memory and Redis that both lack
it; the loader takes ${LOAD_MS} ms, by a timer. ${STAMPEDES} of them after each other, each of a new key, the first ${WARM_STAMPEDES} not counted; medians.
"Beyond the load" is what is left without what the loader itself took: asking Redis first, storing, and
answering all callers. "Main thread" is the time on a core of this process a stampede. "With a lock" is
hotset alone, with \`lock: 'distributed'\`: at most one load in all processes.`,
  baseline: BENTOCACHE,
  implementations: TIERED,
  rounds: 3,
  cases: [
    { name: 'one process', stampedes: STAMPEDES },
    {
      name: 'with a lock in Redis',
      stampedes: STAMPEDES,
      options: { lock: 'distributed' },
      only: [HOTSET_TIERS],
    },
  ],
  smokeCases: [{ name: 'one process', stampedes: SMOKE_STAMPEDES }],
  metrics: [
    { key: 'totalMs', title: 'all answered, ms', digits: 2, ratio: 'speed' },
    { key: 'beyondMs', title: 'beyond the load, ms', digits: 2, ratio: 'speed' },
    { key: 'threadMs', title: 'main thread, ms', digits: 2, ratio: 'speed' },
    { key: 'loads', title: 'loads', digits: 2, better: 'less' },
  ],
  chart: { metric: 'beyondMs', title: 'A stampede, ms beyond the load (less is better)' },
  aims: [
    { implementation: HOTSET_TIERS, metric: 'loads', of: 'value', atMost: 1 },
    {
      case: 'one process',
      implementation: HOTSET_TIERS,
      metric: 'totalMs',
      of: 'ratio',
      atLeast: 1,
    },
    {
      case: 'one process',
      implementation: HOTSET_TIERS,
      metric: 'totalMs',
      of: 'ratio',
      to: CACHEABLE,
      atMost: 1,
    },
  ],

  async run({ implementation, parameters }) {
    const { stampedes, options } = parameters
    const opened = await openTiered(implementation, { below: 'redis', ...roomFor(CALLERS) })
    const times = { totalMs: [], beyondMs: [], threadMs: [], loads: [] }
    for (let number = 0; number < stampedes + WARM_STAMPEDES; number++) {
      const figures = await stampede(opened, number, { ttl: TTL, ...options })
      if (number < WARM_STAMPEDES) continue
      for (const [name, figure] of Object.entries(figures)) times[name].push(figure)
    }
    await opened.close()
    const loads = times.loads.reduce((sum, count) => sum + count, 0) / stampedes
    const median = (name) => summarise(times[name]).median
    return {
      totalMs: median('totalMs'),
      beyondMs: median('beyondMs'),
      threadMs: median('threadMs'),
      loads,
    }
  },
}

async function stampede(opened, number, options) {
  const { make, numberOf } = smallObjects()
  const key = `stampede:${number}`
  let loads = 0
  let loadMs = 0
  const loader = async () => {
    loads++
    const began = performance.now()
    await wait(LOAD_MS)
    loadMs = performance.now() - began
    return make(number)
  }
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  const calls = Array(CALLERS)
  for (let at = 0; at < CALLERS; at++) calls[at] = opened.getOrSet(key, loader, options)
  const answers = await Promise.all(calls)
  const totalMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const answer of answers) assert.equal(numberOf(answer), number)
  await opened.drain?.()
  return { totalMs, beyondMs: totalMs - loadMs, threadMs: (user + system) / 1000, loads }
}
