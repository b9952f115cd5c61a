/**
 * One load of a key in all processes: a lease of the lowest tier that has leases.
 *
 * 1. Who does not get the lease waits until it may be over, looks whether the value is there, and tries again.
 * 2. A tier that cannot be reached locks nobody out: the load goes on without a lease. So it does when the wait
 *    has taken longer than a lease lasts, twice: then somebody fails again and again, and each may try.
 */
import type { LowerTier } from '../lower-tier.js'
import type { LoadConditions } from '../writing/spread.js'

/** How long a lease lasts where no `hardTimeout` says how long a load may take. */
const DEFAULT_LEASE_MS = 30_000

export interface Locked<V> {
  readonly held: LoadConditions<V>['lease']
  /** Somebody else had the lease before: the value may be there by now. */
  readonly waited: boolean
}

interface LockContext<V> {
  readonly lower: readonly LowerTier<V>[]
  now(): number
}

export class LoadLock<V> {
  readonly #tier: LowerTier<V> | undefined
  readonly #now: () => number

  constructor({ lower, now }: LockContext<V>) {
    this.#now = now
    this.#tier = lower.findLast(({ guard }) => guard.hasLeases)
  }

  async acquire(key: string, hardTimeoutMs: number, signal: AbortSignal): Promise<Locked<V>> {
    const tier = this.#tier
    if (tier === undefined) return { held: undefined, waited: false }
    const leaseMs = hardTimeoutMs === Number.POSITIVE_INFINITY ? DEFAULT_LEASE_MS : hardTimeoutMs
    const lease = await tier.guard.lease(key, leaseMs)
    if (lease === 'failed') return { held: undefined, waited: false }
    if (lease !== 'taken') return { held: { tier: tier.name, lease }, waited: false }
    return this.#wait(tier, key, leaseMs, signal)
  }

  async #wait(
    tier: LowerTier<V>,
    key: string,
    leaseMs: number,
    signal: AbortSignal,
  ): Promise<Locked<V>> {
    const until = performance.now() + 2 * leaseMs
    while (performance.now() < until && !signal.aborted) {
      await tier.guard.leaseEnd(key, leaseMs)
      const { found } = await tier.look(key)
      if (found !== undefined && this.#now() < found.entry.expiresAt)
        return { held: undefined, waited: true }
      const lease = await tier.guard.lease(key, leaseMs)
      if (lease === 'failed') break
      if (lease !== 'taken') return { held: { tier: tier.name, lease }, waited: true }
    }
    return { held: undefined, waited: true }
  }
}
