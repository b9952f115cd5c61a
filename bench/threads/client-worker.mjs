/** A thread that works with one implementation: as fast as it can, or timing each operation. */
import { workerData } from 'node:worker_threads'
import { Histogram } from '../measuring/histogram.mjs'
import { collect, performance, waitedForCoreMs } from '../measuring/measure.mjs'
import { loadTarget } from './implementations.mjs'
import { follow, isStopped, sleepInPhase } from './member.mjs'
import { DEPTH, ORDER_LENGTH, Workload } from './workload.mjs'

const SET = 1
const WRITES_A_WAKE = 50
const MS_PER_SECOND = 1000

const { implementation, thread, keyCount, chosen, seed, distribution, setPercent, own } = workerData
const workload = new Workload(keyCount, seed, chosen)
const order = workload.order(thread, distribution, setPercent)
const { connect } = await loadTarget(implementation)
const client = await connect(own, workload)
let position = 0

follow({
  prepare: collect,
  async work({ kind, perSecond }) {
    if (kind === 'rest') return {}
    if (kind === 'time each') return await timeEach()
    if (kind === 'write at a pace') return writeAtPace(perSecond)
    const beganMs = performance.now()
    const waitedBeforeMs = waitedForCoreMs()
    const done = client.isSynchronous ? runAtOnce() : await runPipelined()
    const waitedMs = waitedForCoreMs() - waitedBeforeMs
    return { ...done, ownMs: performance.now() - beganMs - waitedMs }
  },
})

/** Where the next `DEPTH` operations begin. */
function advance() {
  position = position + 2 * DEPTH > ORDER_LENGTH ? 0 : position + DEPTH
  return position
}

function runAtOnce() {
  let operations = 0
  let misses = 0
  do {
    const start = advance()
    misses += client.run(order, start, start + DEPTH)
    operations += DEPTH
  } while (!isStopped())
  return { operations, misses }
}

async function runPipelined() {
  let operations = 0
  let misses = 0
  do {
    const start = advance()
    misses += await client.run(order, start, start + DEPTH)
    operations += DEPTH
  } while (!isStopped())
  await client.finish?.()
  return { operations, misses }
}

/** One operation at a time, and the next when it is answered. */
async function timeEach() {
  const times = new Histogram()
  do {
    const start = advance()
    times.look()
    if (client.isSynchronous) timeAtOnce(times, start)
    else await timeWaiting(times, start)
  } while (!isStopped())
  return { times: times.toPlain() }
}

function timeAtOnce(times, start) {
  for (let at = start; at < start + DEPTH; at++) {
    const index = order[at] >>> 1
    const isSet = (order[at] & SET) !== 0
    const key = workload.keys[index]
    const value = workload.value(index)
    const began = performance.now()
    const answer = isSet ? client.set(key, value) : client.get(key)
    times.add(performance.now() - began)
    if (!isSet && answer !== undefined) workload.check(index, answer)
  }
}

async function timeWaiting(times, start) {
  for (let at = start; at < start + DEPTH; at++) {
    const index = order[at] >>> 1
    const isSet = (order[at] & SET) !== 0
    const key = workload.keys[index]
    const value = workload.value(index)
    const began = performance.now()
    let answer = isSet ? client.set(key, value) : client.get(key)
    // Why not always: what answers at once is not to be charged for a wait.
    if (answer instanceof Promise) answer = await answer
    times.add(performance.now() - began)
    if (!isSet && answer !== undefined) workload.check(index, answer)
  }
}

/** A few sets together, as often as it takes. */
function writeAtPace(perSecond) {
  const began = performance.now()
  let written = 0
  while (!isStopped()) {
    for (let each = 0; each < WRITES_A_WAKE; each++) {
      const index = written++ % workload.keys.length
      client.set(workload.keys[index], workload.value(index))
    }
    const dueMs = (written / perSecond) * MS_PER_SECOND
    sleepInPhase(Math.max(0, dueMs - (performance.now() - began)))
  }
  return { operations: written, misses: 0 }
}
