/** What a curve asks of a cache, whether it is hotset's engine or a simulation of a policy. */
import type { Sample } from '../sample.js'
import type { CurveUnit } from '../spec.js'

/** Requests come in order; an index is that of a request in the sample. */
export interface CurveCache {
  /** Read-through: on a miss the object is taken in where the policy wants it. @returns whether it hit */
  read(key: number, index: number): boolean
  /** The object is new, or another than before. */
  write(key: number, index: number): void
  remove(key: number): void
  close(): void
}

export interface CacheRequest {
  sample: Sample
  unit: CurveUnit
  /** What the object counts, a request; absent where the unit is entries. */
  costs: Uint32Array | undefined
  /** In the unit. */
  capacity: number
  /** How large the cache would be for the whole trace. */
  fullSize: number
  /** Of objects that the trace gives no lifetime; 0 for none. */
  defaultTtlMs: number
}

/** The lifetime of what is stored at a request, 0 for none. */
export function ttlAt({ sample, defaultTtlMs }: CacheRequest, index: number): number {
  if (sample.timeMs === undefined) return 0
  const ttlMs = sample.ttlMs === undefined ? 0 : sample.ttlMs[index]
  return ttlMs === 0 ? defaultTtlMs : ttlMs
}

export function hasLifetimes({ timeMs, ttlMs }: Sample, defaultTtlMs: number): boolean {
  return timeMs !== undefined && (ttlMs !== undefined || defaultTtlMs > 0)
}
