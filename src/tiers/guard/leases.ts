/** Leases of a tier through its guard: no answer is waited for too long, and none that comes late is kept. */
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
    return result.isDone ? (result.value ?? 'taken') : 'failed'
  }

  async leaseEnd(key: string, timeoutMs: number): Promise<void> {
    const { caller, options, tier } = this.#parts
    await caller.call({
      operation: 'leaseEnd',
      kind: 'once',
      timeoutMs: timeoutMs + options.timeoutMs,
      attempt: async () => tier.leaseEnd?.(key, timeoutMs),
    })
  }
}

async function release(lease: TierLease | undefined): Promise<void> {
  try {
    await lease?.release()
  } catch {
    // It ends by itself.
  }
}
