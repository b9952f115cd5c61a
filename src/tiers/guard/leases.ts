/**
 * Leases of a tier through its guard: no answer is waited for too long, and none that comes late is kept.
 *
 * 1. Giving a lease back takes one timeout at most, and does not reject: it ends by itself.
 * 2. The end of a lease is waited for in slices of a timeout: a tier that has stopped answering is noticed after
 *    two of them, however long the lease was to last.
 */
import type { TierLease } from '../tier.js'
import type { AnswerChecks } from './answers.js'
import type { GuardParts } from './parts.js'

export class GuardedLeases {
  readonly #parts: GuardParts
  readonly #checks: AnswerChecks

  constructor(parts: GuardParts, checks: AnswerChecks) {
    this.#parts = parts
    this.#checks = checks
  }

  async lease(key: string, ttlMs: number): Promise<TierLease | 'taken' | 'failed'> {
    const { caller, options, tier } = this.#parts
    if (tier.lease === undefined) return 'failed'
    const result = await caller.call<TierLease | undefined>({
      operation: 'lease',
      kind: 'once',
      timeoutMs: options.timeoutMs,
      attempt: async () => this.#checks.lease(await tier.lease?.(key, ttlMs)),
      late: (lease) => void release(lease),
    })
    if (!result.isDone) return 'failed'
    return result.value === undefined ? 'taken' : this.#guarded(result.value)
  }

  async leaseEnd(key: string, timeoutMs: number): Promise<void> {
    const { caller, options, tier } = this.#parts
    const until = performance.now() + timeoutMs
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = until - performance.now()) {
      const sliceMs = Math.min(leftMs, options.timeoutMs)
      const begunAt = performance.now()
      const { isDone } = await caller.call({
        operation: 'leaseEnd',
        kind: 'once',
        timeoutMs: sliceMs + options.timeoutMs,
        attempt: async () => tier.leaseEnd?.(key, sliceMs),
      })
      // Why: what resolves before its time has seen the end.
      if (!isDone || performance.now() - begunAt < sliceMs) return
    }
  }

  #guarded(lease: TierLease): TierLease {
    const { caller, options } = this.#parts
    const { key, fencingToken } = lease
    const release = async (): Promise<void> => {
      await caller.call({
        operation: 'release',
        kind: 'once',
        timeoutMs: options.timeoutMs,
        attempt: async () => lease.release(),
      })
    }
    return { key, fencingToken, release }
  }
}

async function release(lease: TierLease | undefined): Promise<void> {
  try {
    await lease?.release()
  } catch {
    // It ends by itself.
  }
}
