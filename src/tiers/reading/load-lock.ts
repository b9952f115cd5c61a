/**
 * One load of a key in all processes: a lease of the lowest tier that has leases.
 *
 * 1. Who does not get the lease waits until it may be over, and tries again, unless the value is there by then.
 * 2. A tier that cannot be reached locks nobody out: the load goes on without a lease. So it does when the wait
 *    has taken longer than a lease lasts, twice: then somebody fails again and again, and each may try.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { addAbortCallback, removeAbortCallback } from '../../cache/loading/abort-hub.js'
import type { LowerTier } from '../lower-tier.js'
import type { LoadConditions } from '../writing/spread.js'

/** How long a lease lasts where no `hardTimeout` says how long a load may take. */
const DEFAULT_LEASE_MS = 30_000
/** How long it takes at least until a lease is asked for again. */
const LEAST_ROUND_MS = 5

type Lease<V> = LoadConditions<V>['lease']

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

  /** The lease; undefined: the load goes on without one. @throws the signal's reason, where nobody waits any more */
  async acquire(key: string, hardTimeoutMs: number, signal: AbortSignal): Promise<Lease<V>> {
    const tier = this.#tier
    if (tier === undefined) return undefined
    const leaseMs = hardTimeoutMs === Number.POSITIVE_INFINITY ? DEFAULT_LEASE_MS : hardTimeoutMs
    const until = performance.now() + 2 * leaseMs
    for (;;) {
      const lease = await tier.guard.lease(key, leaseMs)
      if (lease === 'failed') return undefined
      if (lease !== 'taken') return { tier: tier.name, lease }
      if (performance.now() >= until) return undefined
      const begunAt = performance.now()
      await orAborted(tier.guard.leaseEnd(key, leaseMs), signal)
      const { found } = await tier.look(key)
      if (found !== undefined && this.#now() < found.entry.expiresAt) return undefined
      // Why: a tier whose leases are over at once, and taken again, would keep this process busy.
      if (performance.now() - begunAt < LEAST_ROUND_MS)
        await orAborted(sleep(LEAST_ROUND_MS), signal)
    }
  }
}

/** @throws the signal's reason, as soon as it aborts */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  let onAbort = (): void => {}
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve
  })
  addAbortCallback(signal, onAbort)
  await Promise.race([work, aborted])
  removeAbortCallback(signal, onAbort)
  signal.throwIfAborted()
}
