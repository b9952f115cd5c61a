/**
 * Work for a cache of so many entries, of kinds that differ in what is best kept. Each gives the key of the next
 * access; keys of two workloads differ by their prefix.
 */
import type { SharedCache } from '../../../src/index.js'
import { Random } from '../../support/random.js'

export type Workload = () => string

const VALUE = 'v'

/** Read-through: a miss stores the key. Returns the hits. */
export function drive(cache: SharedCache<string>, workload: Workload, accesses: number): number {
  let hits = 0
  for (let access = 0; access < accesses; access++) hits += Number(isHit(cache, workload()))
  return hits
}

export function isHit(cache: SharedCache<string>, key: string): boolean {
  if (cache.get(key) !== undefined) return true
  cache.set(key, VALUE)
  return false
}

/** Over and over the same keys, in the same order. */
export function loop(prefix: string, keys: number): Workload {
  let at = 0
  return () => `${prefix}${at++ % keys}`
}

/** Every key twice, the second time after so many other keys: all there is to know is recency. */
export function echo(prefix: string, distance: number): Workload {
  const lag = Math.round(distance / 2)
  let at = 0
  return () => {
    const pair = Math.floor(at / 2)
    return `${prefix}${at++ % 2 === 0 ? pair : Math.max(0, pair - lag)}`
  }
}

/** Keys that are asked for once. */
export function scan(prefix: string): Workload {
  let at = 0
  return () => `${prefix}${at++}`
}

/** From one end of a path to the other, and back. */
export function zigzag(prefix: string, length: number): Workload {
  let at = 0
  return () => {
    const step = at++ % (2 * length)
    return `${prefix}${step < length ? step : 2 * length - 1 - step}`
  }
}

/** Turns of so many accesses. */
export function inTurn(...turns: [workload: Workload, accesses: number][]): Workload {
  let turn = 0
  let done = 0
  return () => {
    const [workload, accesses] = turns[turn]
    if (++done === accesses) {
      turn = (turn + 1) % turns.length
      done = 0
    }
    return workload()
  }
}

/** Any of so many keys, all alike. */
export function uniform(prefix: string, keys: number, seed: number): Workload {
  const random = new Random(seed)
  return () => `${prefix}${random.below(keys)}`
}

/** Shares that fall with the rank, by inverting the summed distribution. */
export function zipf(prefix: string, keys: number, exponent: number, seed: number): Workload {
  const random = new Random(seed)
  const sums = zipfSums(keys, exponent)
  const names = Array.from({ length: keys }, (_, rank) => `${prefix}${rank}`)
  return () => names[rankAt(sums, random.next() * sums[keys - 1])]
}

const knownSums = new Map<string, Float64Array>()

function zipfSums(keys: number, exponent: number): Float64Array {
  const name = `${keys} ${exponent}`
  const known = knownSums.get(name)
  if (known !== undefined) return known
  const sums = new Float64Array(keys)
  let sum = 0
  for (let rank = 0; rank < keys; rank++) sums[rank] = sum += (rank + 1) ** -exponent
  knownSums.set(name, sums)
  return sums
}

function rankAt(sums: Float64Array, wanted: number): number {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low
}
