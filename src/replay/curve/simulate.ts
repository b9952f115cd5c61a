/**
 * Runs the requests of a sample through one cache, and counts.
 *
 * Only reads count; writes and deletes change what the cache holds.
 */
import { DELETE, READ } from '../access.js'
import type { CurveCache } from './caches/curve-cache.js'
import { Tally } from './estimate.js'
import type { Sample } from './sample.js'

const PROGRESS_EVERY_REQUESTS = 65_536

/** @param defaultBytes of objects where the trace gives no sizes */
export function simulate(
  cache: CurveCache,
  sample: Sample,
  defaultBytes: number,
  onProgress: (requests: number) => void = () => {},
): Tally {
  const tally = new Tally()
  for (let start = 0; start < sample.requests; start += PROGRESS_EVERY_REQUESTS) {
    const end = Math.min(start + PROGRESS_EVERY_REQUESTS, sample.requests)
    runPart(cache, sample, defaultBytes, tally, start, end)
    onProgress(end)
  }
  return tally
}

function runPart(
  cache: CurveCache,
  sample: Sample,
  defaultBytes: number,
  tally: Tally,
  start: number,
  end: number,
): void {
  const { keyOf, operations, objectBytes, groups } = sample
  for (let index = start; index < end; index++) {
    const key = keyOf[index]
    const operation = operations === undefined ? READ : operations[index]
    if (operation === READ) {
      const bytes = objectBytes === undefined ? defaultBytes : objectBytes[index]
      record(tally, cache.read(key, index), bytes, groups[key])
    } else if (operation === DELETE) cache.remove(key)
    else cache.write(key, index)
  }
}

function record(tally: Tally, hit: boolean, bytes: number, group: number): void {
  tally.reads++
  tally.readBytes += bytes
  if (hit) {
    tally.hits++
    tally.hitBytes += bytes
  } else {
    tally.misses[group]++
    tally.missBytes[group] += bytes
  }
}
