/**
 * No process returns a value older than the bound that coherence.ts promises: two processes, 100,000 writes and
 * reads, and Redis restarted three times in between, its connections killed, one process cut off from it without
 * being told, and all of it paused.
 *
 * HOTSET_COHERENCE_OPERATIONS: another number of operations; as many times more faults. scripts/soak.mjs has more.
 */
import { expect, it } from 'vitest'
import { findOutdated, type Outdated, type Write } from './history-check.js'
import { type History, runTwoProcesses } from './two-processes.js'

const OPERATIONS = Number(process.env.HOTSET_COHERENCE_OPERATIONS ?? 100_000)
const RUN_TIMEOUT_MS = 180_000 * Math.max(1, OPERATIONS / 100_000)
/** Why less than the defaults: the shorter the bound, the more there is that could exceed it. */
const PING_INTERVAL_MS = 250
const DISCONNECTED_TTL_MS = 500
const BOUND_MS = DISCONNECTED_TTL_MS + 2 * PING_INTERVAL_MS
it.each([
  { news: 'tracking', disk: true, appendOnly: true, seed: 1 },
  { news: 'pubsub', disk: false, appendOnly: false, seed: 3 },
] as const)(
  'neither process returns a value older than the bound, however Redis fails: %o',
  async (scenario) => {
    const history = await runTwoProcesses({
      ...scenario,
      operations: OPERATIONS,
      pingIntervalMs: PING_INTERVAL_MS,
      disconnectedTtlMs: DISCONNECTED_TTL_MS,
    })
    const outdated = findOutdated(history.writes, history.reads)
    console.log(describeRun(history, outdated))

    const allowedMs = (read: Outdated) => BOUND_MS + history.stallMs[read.process]
    const tooOld = outdated.filter((read) => read.ageMs > allowedMs(read))
    expect(tooOld.slice(0, 5), eventsOf(history)).toEqual([])
    expect(findOwnOutdated(history).slice(0, 5), eventsOf(history)).toEqual([])
    expect(history.reads.length + history.missed + history.writes.length).toBeGreaterThanOrEqual(
      OPERATIONS,
    )
    // Why: where no read answers anything, none is outdated.
    expect(history.reads.length).toBeGreaterThan(OPERATIONS / 4)
    expect(history.writes.length).toBeGreaterThan(OPERATIONS / 5)
    expect(history.writes.some(hasFailed)).toBe(true)
  },
  RUN_TIMEOUT_MS,
)

/** What a process has written itself it does not see undone, not for a moment, and however the write went. */
function findOwnOutdated({ writes, reads }: History): Outdated[] {
  return [0, 1].flatMap((own) => {
    const ownOnly = writes.map((write) => ({
      ...write,
      // Why never: of others only the order counts here.
      effective: write.process === own ? write.acknowledged : Number.POSITIVE_INFINITY,
    }))
    return findOutdated(
      ownOnly,
      reads.filter(({ process }) => process === own),
    )
  })
}

/** Redis had not taken it; it was made good later. */
function hasFailed({ acknowledged, effective }: Write): boolean {
  return effective !== acknowledged
}

/** How long it took at most until what had failed was made good, from when Redis could be reached again. */
function longestRepair({ writes, events }: History): number {
  const reachable = events.filter(([, , name]) => name.endsWith(': over')).map(([at]) => at)
  const repairs = writes.filter(hasFailed).map(({ acknowledged, effective }) => {
    const last = reachable.findLast((at) => at < effective) ?? 0
    return effective - Math.max(acknowledged, last)
  })
  return Math.max(...repairs)
}

/** What was really seen, for whoever wants to know. */
function describeRun(history: History, outdated: Outdated[]): string {
  const { writes, reads, missed, stallMs } = history
  const ageAt = (share: number) =>
    (outdated[Math.floor(reads.length * share)]?.ageMs ?? 0).toFixed(0)
  const failed = writes.filter(hasFailed)
  return [
    `${writes.length} writes (${failed.length} failed on Redis), ${reads.length} values read, ${missed} misses`,
    `outdated values: ${outdated.length}, by at most ${ageAt(0)} ms (bound ${BOUND_MS}), p99.9 ${ageAt(0.001)} ms`,
    `failed writes were made good within ${longestRepair(history).toFixed(0)} ms of Redis being there again`,
    `longest stall of each process: ${stallMs.map((each) => each.toFixed(0)).join(', ')} ms`,
  ].join('\n')
}

function eventsOf({ events }: History): string {
  const [begin] = events[0]
  return events
    .map(([at, process, name]) => `${(at - begin).toFixed(0)} ${process} ${name}`)
    .join('\n')
}
