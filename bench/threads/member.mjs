/** One thread of a team (team.mjs): does each phase it is told of, from the barrier on. */
import { parentPort, workerData } from 'node:worker_threads'
import { GENERATION, nowMs, STOPPED } from './team.mjs'

const { words } = workerData

export function isStopped() {
  return Atomics.load(words, STOPPED) !== 0
}

/** Sleeps, but no longer than to the end of the phase. */
export function sleepInPhase(timeMs) {
  Atomics.wait(words, STOPPED, 0, timeMs)
}

/**
 * @param {{ prepare?: (phase: any) => void, work: (phase: any) => object | Promise<object> }} duties
 *   `prepare` comes before the barrier; `work` does a phase, until isStopped(), and answers what the team
 *   is to be told of it. An error ends the thread, and so the benchmark.
 */
export function follow({ prepare, work }) {
  parentPort.on('message', async (phase) => {
    prepare?.(phase)
    const generation = Atomics.load(words, GENERATION)
    parentPort.postMessage('ready')
    Atomics.wait(words, GENERATION, generation)
    const report = await work(phase)
    parentPort.postMessage({ report, endedMs: nowMs() })
  })
  parentPort.postMessage('joined')
}
