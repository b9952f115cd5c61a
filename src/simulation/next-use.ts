/** When each request's object is requested again. Costs 4 bytes a request, and 4 bytes a key meanwhile. */
import type { Requests } from './simulation.js'

/** The object is not requested again. */
export const NEVER = 0xffff_ffff

/** By index of a request, the index of the next one for the same object. */
export function findNextUses({ keys, length }: Requests, keyCount: number): Uint32Array {
  const next = new Uint32Array(length)
  const seenAt = new Uint32Array(keyCount).fill(NEVER)
  for (let index = length - 1; index >= 0; index--) {
    next[index] = seenAt[keys[index]]
    seenAt[keys[index]] = index
  }
  return next
}
