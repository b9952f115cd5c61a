/**
 * A thread that races others: for a number, or for one prize a round. All meet before each round, so that
 * they begin it at once. A thread that wins raises the round's count of winners, and notes who it is.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { meet } from './meeting.mjs'

const { handle, control, race, thread, threads, rounds, winnerCounts, winners, padding } =
  workerData
const cache = SharedCache.attach(handle)

const RACES = {
  /** Every number that is answered is marked, so that none is answered twice. */
  increment() {
    for (let index = 0; index < rounds; index++)
      Atomics.add(winnerCounts, cache.increment('count'), 1)
  },

  /** Why the version first: where it still holds, nothing was written since, and the number read is its. */
  optimisticIncrement() {
    for (let index = 0; index < rounds; ) {
      const { version } = cache.info('count')
      const next = { count: cache.get('count').count + 1, padding }
      if (cache.compareAndSet('count', version, next)) index++
    }
  },

  add: (round) => cache.add(`key ${round}`, { thread, padding }),

  compareAndSet(round) {
    // All have the version before one of them writes.
    const { version } = cache.info(`key ${round}`)
    meet(control, 2, threads)
    return cache.compareAndSet(`key ${round}`, version, { thread, padding })
  },

  take: (round) => cache.take(`key ${round}`) !== undefined,

  delete: (round) => cache.delete(`key ${round}`),
}

meet(control, 0, threads)
if (RACES[race].length === 0) RACES[race]()
else for (let round = 0; round < rounds; round++) runRound(round)
cache.close()
parentPort.postMessage('done')

function runRound(round) {
  meet(control, 0, threads)
  if (!RACES[race](round)) return
  Atomics.add(winnerCounts, round, 1)
  winners[round] = thread
}
