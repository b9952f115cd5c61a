/**
 * Writes the keys that are its own, each with values of rising numbers, and reads all keys in batches. A
 * value has to be whole and of its key, and no older than what this thread has read of the key before.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { meet, randomFrom } from './meeting.mjs'
import { isWholeValue, keyOf, makeValue } from './victim-values.mjs'

const { handle, near, control, thread, threads, keys, rounds, batch, keyChars, isEven } = workerData
const MAX_PROBLEMS = 5
const WRITES_A_ROUND = 6
const SINGLE_READS = 4

const cache = SharedCache.attach(handle, { near })
const random = randomFrom(thread)
const newest = Array.from({ length: keys }, () => -1)
const problems = []
let written = isEven ? 4 : 0

meet(control, 0, threads)
for (let round = 0; round < rounds; round++) {
  for (let write = 0; write < WRITES_A_ROUND; write++) writeOwn()
  const indices = Array.from({ length: batch }, () => random(keys))
  const values = cache.getMany(indices.map(nameOf))
  // Why as of before: one call's reads of a key may be in any order.
  const floors = indices.map((index) => newest[index])
  values.forEach((value, at) => {
    look(indices[at], value, floors[at], 'getMany')
  })
  for (let read = 0; read < SINGLE_READS; read++) {
    const index = random(keys)
    look(index, cache.get(nameOf(index)), newest[index], 'get')
  }
}
const { nearHits } = cache.stats()
meet(control, 0, threads)
cache.close()
parentPort.postMessage({ problems, nearHits })

/** Why some of them long: those fill a batch sooner, or go alone. */
function nameOf(index) {
  return index % 5 === 0 ? keyOf(index).padEnd(keyChars, 'ж') : keyOf(index)
}

function writeOwn() {
  const index = random(Math.floor(keys / threads)) * threads + thread
  const name = nameOf(index)
  // Every seventh number makes a value of the same 3000 characters: such are written in place.
  written += isEven ? 7 : 1
  newest[index] = written
  if (!isEven && random(10) === 0) cache.delete(name)
  cache.set(
    name,
    makeValue(name, written),
    !isEven && random(3) === 0 ? { tags: ['a'] } : undefined,
  )
}

function look(index, value, floor, how) {
  if (value === undefined || problems.length >= MAX_PROBLEMS) return
  const name = nameOf(index)
  if (!isWholeValue(name, value)) {
    problems.push(`${how} of '${name.slice(0, 20)}' answered '${value.slice(0, 40)}'`)
    return
  }
  const number = Number(value.slice(name.length + 1).split('|', 1)[0])
  if (number < floor) problems.push(`${how}: ${number} after ${floor}`)
  newest[index] = Math.max(newest[index], number)
}
