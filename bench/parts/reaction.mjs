/**
 * How soon policy `adaptive` follows a workload that changes (regimes.mjs): its own run, and beside it the same
 * requests with each configuration fixed throughout, which tells what the right one would have been.
 */
import assert from 'node:assert/strict'
import { SharedCache } from '../harness/build.mjs'
import { CONFIGURATIONS, PolicySwitch } from './policy-switch.mjs'
import { regimesOf } from './regimes.mjs'

const BYTES_PER_ENTRY = 256
/** In a capacity. */
export const POLLS = 4
/** Points. What is not worse by more is as good as the best. */
const AS_GOOD = 1

/**
 * @typedef {object} Course of one run
 * @property {number[]} hits of a hundred, in each span between two polls
 * @property {number[]} inForce the configuration's index at the end of each; none where nothing chooses
 *
 * @param {{ capacity: number, capacities: number, seed: number, policy?: string, fixed?: string }} setting
 *   `capacities`: of requests in each regime
 * @returns {Record<string, Course>} by regime
 */
export function runRegimes({ capacity, capacities, seed, policy = 'adaptive', fixed }) {
  const maxBytes = 2 ** 21 + capacity * BYTES_PER_ENTRY
  const cache = new SharedCache({ maxBytes, maxEntries: capacity, shards: 1, near: false, policy })
  if (fixed !== undefined) PolicySwitch.of(cache).fix(fixed)
  const courses = {}
  for (const [name, nextKey] of Object.entries(regimesOf(capacity, seed))) {
    courses[name] = { hits: [], inForce: [] }
    for (let poll = 0; poll < capacities * POLLS; poll++) {
      const requests = capacity / POLLS
      courses[name].hits.push((ask(cache, nextKey, requests) / requests) * 100)
      const { configuration } = cache.stats().policy
      if (configuration !== undefined)
        courses[name].inForce.push(CONFIGURATIONS.indexOf(configuration))
    }
  }
  assert.equal(cache.size, capacity)
  cache.close()
  return courses
}

/** How many of the requests hit. */
function ask(cache, nextKey, requests) {
  let hits = 0
  for (let request = 0; request < requests; request++) {
    const number = nextKey()
    const key = `key:${number}`
    const value = cache.get(key)
    if (value === undefined) cache.set(key, number)
    else if (value === number) hits++
    else assert.fail(`${key} has another's value`)
  }
  return hits
}

/**
 * @param {number[]} inForce indices of configurations, at each poll of a regime
 * @param {number[]} fixed what each would hit in this regime, of a hundred
 * @param {number} before index of the one in force when it began
 */
export function judgeRegime(inForce, fixed, before) {
  const best = Math.max(...fixed)
  const isRight = (index) => best - fixed[index] <= AS_GOOD
  const first = isRight(before) ? 0 : inForce.findIndex(isRight) + 1
  const isReached = first > 0 || isRight(before)
  const rest = inForce.slice(first)
  return {
    /** By which the best hits more than the one that was in force. */
    atStake: best - fixed[before],
    /** In capacities, up to the poll that found it; the regime's length where none did. */
    lag: (isReached ? first : inForce.length) / POLLS,
    /** Of the time after that, in per cent. */
    held: isReached && rest.length > 0 ? (rest.filter(isRight).length / rest.length) * 100 : 0,
  }
}

/** @param {number[]} numbers at least one */
export function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
