/** TODO */
import { expect, it } from 'vitest'
import { findOutdated } from './history-check.js'
import { runTwoProcesses } from './two-processes.js'

const PING_INTERVAL_MS = 250
const DISCONNECTED_TTL_MS = 500
const OPERATIONS = Number(process.env.HOTSET_COHERENCE_OPERATIONS ?? 100_000)

it.each([
  { news: 'tracking', disk: false, appendOnly: true, seed: 1 },
  { news: 'pubsub', disk: false, appendOnly: false, seed: 2 },
  { news: 'tracking', disk: true, appendOnly: false, seed: 3 },
  { news: 'pubsub', disk: true, appendOnly: true, seed: 4 },
] as const)('explore %j', async (scenario) => {
  const history = await runTwoProcesses({
    ...scenario,
    operations: OPERATIONS,
    pingIntervalMs: PING_INTERVAL_MS,
    disconnectedTtlMs: DISCONNECTED_TTL_MS,
  })
  const outdated = findOutdated(history.writes, history.reads)
  const t0 = history.events[0][0]
  const failed = history.writes.filter(
    (w) => w.effective !== w.acknowledged && w.effective !== Infinity,
  )
  console.log(scenario, {
    writes: history.writes.length,
    reads: history.reads.length,
    missed: history.missed,
    stallMs: history.stallMs,
    failed: failed.length,
    refused: history.writes.filter((w) => w.effective === Infinity).length,
    outdated: outdated.length,
    worst: outdated.slice(0, 3),
    p99: outdated[Math.floor(history.reads.length / 100)]?.ageMs,
    over500: outdated.filter((o) => o.ageMs > 500).length,
    over1000: outdated.filter((o) => o.ageMs > 1000).length,
    own: outdated.filter((o) => o.missed.process === o.process).slice(0, 3),
    repairDelay: Math.max(...failed.map((w) => w.effective - w.acknowledged)),
  })
  for (const o of outdated.filter((o) => o.ageMs > 500).slice(0, 5))
    console.log(
      o.how,
      o.process,
      o.key,
      o.ageMs.toFixed(0),
      'read at',
      (o.began - t0).toFixed(0),
      'missed',
      (o.missed.effective - t0).toFixed(0),
      'acked',
      (o.missed.acknowledged - t0).toFixed(0),
      'by',
      o.missed.process,
      'version',
      o.version,
    )
  console.log(
    history.events
      .map(([at, process, what]) => `${(at - t0).toFixed(0)} ${process} ${what}`)
      .join('\n'),
  )
  expect(outdated.length).toBeGreaterThanOrEqual(0)
})
