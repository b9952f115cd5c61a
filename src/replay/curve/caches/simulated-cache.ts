/**
 * A reference policy as a cache of a curve: a simulation, with lifetimes added.
 *
 * 1. An object that has expired is removed when it is next asked for, and so is a miss.
 * 2. A write of another size than the object had takes it out and in again.
 *
 * Costs 8 bytes a key where there are lifetimes, and 4 where there are writes and sizes.
 */
import { REFERENCE_POLICIES } from '../../../simulation/policies.js'
import type { Simulation } from '../../../simulation/simulation.js'
import { type CacheRequest, type CurveCache, hasLifetimes, ttlAt } from './curve-cache.js'

export class SimulatedCache implements CurveCache {
  private readonly simulation: Simulation
  /** By key; absent where nothing expires. */
  private readonly expiresAtMs: Float64Array | undefined
  /** By key: what it counts where it is held; absent where that cannot change. */
  private readonly heldCosts: Uint32Array | undefined

  constructor(
    policy: string,
    private readonly request: CacheRequest,
  ) {
    const { sample, costs, capacity, defaultTtlMs } = request
    const { requests: length, keyOf: keys, keys: keyCount } = sample
    const requests = { length, keys, bytes: costs }
    this.simulation = REFERENCE_POLICIES[policy].create({ capacity, keyCount, requests })
    if (hasLifetimes(sample, defaultTtlMs)) this.expiresAtMs = new Float64Array(keyCount)
    if (sample.operations !== undefined && costs !== undefined) {
      this.heldCosts = new Uint32Array(keyCount)
    }
  }

  read(key: number, index: number): boolean {
    if (this.hasExpired(key, index)) this.simulation.remove(key)
    const hit = this.simulation.access(key, this.costAt(index), index)
    if (!hit) this.begin(key, index)
    return hit
  }

  write(key: number, index: number): void {
    const { heldCosts } = this
    const resized = heldCosts !== undefined && heldCosts[key] !== this.costAt(index)
    if (resized || this.hasExpired(key, index)) this.simulation.remove(key)
    this.simulation.access(key, this.costAt(index), index)
    this.begin(key, index)
  }

  remove(key: number): void {
    this.simulation.remove(key)
  }

  close(): void {}

  private costAt(index: number): number {
    const { costs } = this.request
    return costs === undefined ? 1 : costs[index]
  }

  private hasExpired(key: number, index: number): boolean {
    const { expiresAtMs, request } = this
    const { timeMs } = request.sample
    return expiresAtMs !== undefined && timeMs !== undefined && timeMs[index] >= expiresAtMs[key]
  }

  private begin(key: number, index: number): void {
    const { expiresAtMs, heldCosts, request } = this
    if (heldCosts !== undefined) heldCosts[key] = this.costAt(index)
    if (expiresAtMs === undefined || request.sample.timeMs === undefined) return
    const ttlMs = ttlAt(request, index)
    expiresAtMs[key] = ttlMs === 0 ? Number.POSITIVE_INFINITY : request.sample.timeMs[index] + ttlMs
  }
}
