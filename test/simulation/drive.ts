/** Runs a policy over a list of requests, for tests. */
import { REFERENCE_POLICIES } from '../../src/simulation/policies.js'
import type { Requests, Simulation } from '../../src/simulation/simulation.js'

export const NAMES = Object.keys(REFERENCE_POLICIES)

/** Ids are those of the keys given; `bytes` where objects have sizes. */
export function requestsOf(keys: readonly number[], bytes?: readonly number[]): Requests {
  return {
    length: keys.length,
    keys: Uint32Array.from(keys),
    bytes: bytes && Uint32Array.from(bytes),
  }
}

export function create(name: string, capacity: number, requests: Requests): Simulation {
  const keyCount = requests.keys.reduce((most, key) => Math.max(most, key + 1), 0)
  return REFERENCE_POLICIES[name].create({ capacity, keyCount, requests })
}

/** Of each request, whether it was a hit. */
export function run(name: string, capacity: number, requests: Requests): boolean[] {
  const simulation = create(name, capacity, requests)
  return Array.from(requests.keys, (key, index) => {
    return simulation.access(key, requests.bytes?.[index] ?? 1, index)
  })
}

export function countHits(name: string, capacity: number, requests: Requests): number {
  const simulation = create(name, capacity, requests)
  const { length, keys, bytes } = requests
  let hits = 0
  for (let index = 0; index < length; index++) {
    if (simulation.access(keys[index], bytes?.[index] ?? 1, index)) hits++
  }
  return hits
}

/** One letter a key: 'ABA' runs 0, 1, 0. Gives the same letters back, those that hit in capitals, others not. */
export function spell(name: string, capacity: number, letters: string): string {
  const keys = Array.from(letters, (letter) => letter.toUpperCase().charCodeAt(0) - 65)
  const hits = run(name, capacity, requestsOf(keys))
  return Array.from(letters, (letter, index) => {
    return hits[index] ? letter.toUpperCase() : letter.toLowerCase()
  }).join('')
}
