/**
 * A batch of calls to a cache, in the way that its answers are waited for: for those that answer at once
 * a plain loop, and nothing in it but the calls; for the others an asynchronous function.
 */
import assert from 'node:assert/strict'
import { AT_ONCE, TOGETHER } from './caches.mjs'

/** Calls of a batch: long against what the clock takes, and short against a time slice. */
export const BATCH = 1000
const SAMPLES = 5000

/** @returns a function that gets `keys`, each into its place in `answers` */
export function getBatch({ cache, gets }, keys, answers) {
  if (gets !== AT_ONCE) return waitingBatch(gets, keys, (at) => cache.get(keys[at]), answers)
  return () => {
    for (let at = 0; at < keys.length; at++) answers[at] = cache.get(keys[at])
  }
}

/** @returns a function that sets each of `keys` to the value in the same place */
export function setBatch({ cache, sets }, keys, values) {
  if (sets !== AT_ONCE) return waitingBatch(sets, keys, (at) => cache.set(keys[at], values[at]))
  return () => {
    for (let at = 0; at < keys.length; at++) cache.set(keys[at], values[at])
  }
}

/** @returns a function that deletes `keys` */
export function deleteBatch({ cache, sets }, keys) {
  if (sets !== AT_ONCE) return waitingBatch(sets, keys, (at) => cache.delete(keys[at]))
  return () => {
    for (let at = 0; at < keys.length; at++) cache.delete(keys[at])
  }
}

/** Stores entries number 0 to `count` - 1. */
export async function fill(opened, count, makeKey, makeValue) {
  for (let start = 0; start < count; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - start) }, (_, at) => start + at)
    await setBatch(opened, numbers.map(makeKey), numbers.map(makeValue))()
  }
}

/** Of entries number 0 to `count` - 1, some thousands, all over: each is answered as expected. */
export async function checkSample(cache, count, keyOf, expected) {
  for (let index = 0; index < count; index += Math.ceil(count / SAMPLES)) {
    assert.equal(await cache.get(keyOf(index)), expected(index))
  }
}

function waitingBatch(waiting, keys, call, answers = []) {
  if (waiting === TOGETHER) return () => askTogether(keys.length, call, answers)
  return async () => {
    for (let at = 0; at < keys.length; at++) answers[at] = await call(at)
  }
}

async function askTogether(count, call, answers) {
  const pending = Array(count)
  for (let at = 0; at < count; at++) pending[at] = call(at)
  for (let at = 0; at < count; at++) answers[at] = await pending[at]
}
