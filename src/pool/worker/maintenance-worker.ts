/**
 * The thread that does a cache's upkeep: see ../maintenance.ts. It never gets to its event loop while
 * it runs: it sleeps on the word that stops it.
 */
import { workerData } from 'node:worker_threads'
import { SharedCache } from '../../cache/shared-cache.js'
import { MAINTENANCE_RUNS, type MaintenanceWorkerData } from '../maintenance.js'
import { readAttachOptions } from './attachment.js'

/** Of steps without a pause, each bounded by itself. */
const STEPS_A_ROUND = 64
/** Where there is more to do: others want the shards too. */
const PAUSE_MS = 1

const { handle, control, intervalMs } = workerData as MaintenanceWorkerData
const { codec, hasClock } = handle.options
// Why not always: the user's module may be large, and may expect to be in a thread that loads.
const needsModule = codec === 'custom' || hasClock
const options = needsModule ? await readAttachOptions() : undefined
const cache = SharedCache.attach(handle, { ...options, near: false })

while (Atomics.load(control, 0) === MAINTENANCE_RUNS) {
  const isBehind = maintain()
  Atomics.wait(control, 0, MAINTENANCE_RUNS, isBehind ? PAUSE_MS : intervalMs)
}
cache.close()

/** @returns whether there is more to do */
function maintain(): boolean {
  for (let step = 0; step < STEPS_A_ROUND; step++) {
    if (!cache.maintain()) return false
  }
  return true
}
