/**
 * A cache of a curve that counts each key by itself, and leaves some out where it is told to.
 *
 * 1. Keys that are left out always miss, and the cache is never asked for them.
 * 2. What is held is looked up at LOOKS moments, spread over the second half of the requests.
 */
import { READ } from '../../access.js'
import type { Trial } from '../job.js'
import type { Sample } from '../sample.js'
import type { CurveCache } from './curve-cache.js'

export const LOOKS = 4

/** One that can be asked what it holds, without that counting as a request. */
export interface HoldingCache extends CurveCache {
  holds(key: number): boolean
}

export class TrialCache implements CurveCache {
  private looks = 0

  constructor(
    private readonly inner: HoldingCache,
    private readonly trial: Trial,
    private readonly sample: Sample,
  ) {}

  read(key: number, index: number): boolean {
    this.lookAround(index)
    if (this.isLeftOut(key)) return false
    const hit = this.inner.read(key, index)
    if (hit) this.trial.hits[key]++
    return hit
  }

  write(key: number, index: number): void {
    if (!this.isLeftOut(key)) this.inner.write(key, index)
  }

  remove(key: number): void {
    if (!this.isLeftOut(key)) this.inner.remove(key)
  }

  close(): void {
    this.inner.close()
  }

  private isLeftOut(key: number): boolean {
    return this.trial.leftOut?.[key] === 1
  }

  private lookAround(index: number): void {
    const { requests, keys } = this.sample
    if (index < (requests / 2) * (1 + this.looks / LOOKS) || this.looks === LOOKS) return
    this.looks++
    for (let key = 0; key < keys; key++) {
      if (this.inner.holds(key)) this.trial.timesHeld[key]++
    }
  }
}

export function readsByKey({ requests, keys, keyOf, operations }: Sample): Uint32Array {
  const reads = new Uint32Array(keys)
  for (let index = 0; index < requests; index++) {
    if (operations === undefined || operations[index] === READ) reads[keyOf[index]]++
  }
  return reads
}
