/** How long a shard's lock is held, evictions and page moves included. */
import assert from 'node:assert/strict'
import { importBuilt, SharedCache } from '../harness/build.mjs'
import { Histogram } from '../measuring/histogram.mjs'
import { HOTSET } from '../peers/caches.mjs'
import { Team } from '../threads/team.mjs'
import { compileWatchedEngine, hasSources, watchShards } from '../threads/watched-engine.mjs'

const { useEngineModule } = await importBuilt('src/engine/module.js')
const WORKER = new URL('../threads/lock-hold-worker.mjs', import.meta.url)
const LONGEST_US = 50
const US_PER_MS = 1000
const NOBODY = { taken() {}, released() {} }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'How long a shard is locked',
  about: `Two threads on a full cache: 45% gets, 5% deletes, 50% sets, 30% of those with a lifetime of 20 ms
to a second. Every 100,000 operations the sizes of the values change (20 to 200 characters, 500 to 4,000,
100 to 900), so that pages move from size class to size class; one set in 1,000 is of 40,000 characters.
Timed is each hold of a shard's lock, from taking it to releasing it, by an engine that is compiled for
this from the same sources and calls out at both: 50 ns each, which the times contain. "own" leaves out
what a thread waited for a core, lock in hand.`,
  implementations: [HOTSET],
  rounds: 2,
  cases: ['adaptive', 'lru'].map((policy) => ({
    name: policy,
    policy,
    maxBytes: '32mb',
    keyCount: 100_000,
    operationsAMix: 100_000,
    passMs: 6000,
  })),
  smokeCases: [
    {
      name: 'adaptive',
      policy: 'adaptive',
      maxBytes: '4mb',
      keyCount: 20_000,
      operationsAMix: 3000,
      passMs: 500,
    },
  ],
  metrics: [
    { key: 'holds', title: 'holds', digits: 0 },
    { key: 'p50Us', title: 'p50, µs', digits: 2, better: 'less' },
    { key: 'p99Us', title: 'p99, µs', digits: 2, better: 'less' },
    { key: 'p999Us', title: 'p99.9, µs', digits: 1, better: 'less' },
    { key: 'ownP999Us', title: 'own, µs', digits: 1, better: 'less' },
    { key: 'p9999Us', title: 'p99.99, µs', digits: 1, better: 'less' },
    { key: 'worstUs', title: 'longest, µs', digits: 0 },
    { key: 'ownWorstUs', title: 'own, µs', digits: 0, better: 'less' },
    { key: 'evictions', title: 'evictions', digits: 0 },
    { key: 'expirations', title: 'expirations', digits: 0 },
    { key: 'moves', title: 'entries moved', digits: 0 },
  ],
  chart: { metric: 'p999Us', title: 'How long a shard is locked, p99.9, µs (less is better)' },
  aims: ['adaptive', 'lru'].map((name) => ({
    case: name,
    implementation: HOTSET,
    metric: 'p999Us',
    of: 'value',
    atMost: LONGEST_US,
  })),
  unavailable: () =>
    hasSources() ? undefined : 'it compiles the engine, and the build has no assembly/ beside it',

  async run({ parameters, seed }) {
    const { policy, maxBytes, keyCount, operationsAMix, passMs } = parameters
    useEngineModule(compileWatchedEngine())
    watchShards(NOBODY)
    const cache = new SharedCache({ maxBytes, policy })
    const team = await Team.start(WORKER, 2, (thread) => ({
      data: { handle: cache.handle, thread, keyCount, operationsAMix, seed },
    }))
    const phases = [{}, {}]
    await team.run(phases, passMs / 3)
    const before = cache.stats()
    const { reports } = await team.run(phases, passMs)
    const after = cache.stats()
    await team.stop()
    const { ok, problems } = cache.verify()
    assert.ok(ok, problems.join('; '))

    const counted = {}
    for (const key of ['evictions', 'expirations', 'moves']) {
      counted[key] = after[key] - before[key]
      assert.ok(counted[key] > 0, `there were no ${key}`)
    }
    const holds = Histogram.merge(reports.map((report) => report.holds))
    return {
      ...counted,
      holds: holds.count,
      p50Us: holds.quantile(0.5),
      p99Us: holds.quantile(0.99),
      p999Us: holds.quantile(0.999),
      ownP999Us: holds.ownQuantile(0.999),
      p9999Us: holds.quantile(0.9999),
      worstUs: holds.worstMs * US_PER_MS,
      ownWorstUs: holds.ownWorstMs * US_PER_MS,
    }
  },
}
