/**
 * Whether a tier is asked at all: cockatiel's circuit breaker, over calls (not their single attempts).
 *
 * 1. While it is not closed nothing but `probe` reaches the tier: no caller pays for finding out.
 * 2. When to probe is Recovery's matter. Why not the breaker's: it measures by the wall clock, which jumps.
 */
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import { isCallerError, isPartialFailure } from './errors.js'

export interface CircuitListener {
  /** It has opened; also told when a probe failed. */
  opened(error: unknown): void
  closed(): void
}

export class Circuit {
  readonly #policy: CircuitBreakerPolicy | undefined
  readonly #breaker: ConsecutiveBreaker | undefined

  /** @param failures undefined: it never opens */
  constructor(failures: number | undefined, listener: CircuitListener) {
    if (failures === undefined) return
    this.#breaker = new ConsecutiveBreaker(failures)
    this.#policy = circuitBreaker(
      handleWhen((error) => !isCallerError(error) && !isPartialFailure(error)),
      {
        breaker: this.#breaker,
        halfOpenAfter: Number.NEGATIVE_INFINITY,
      },
    )
    this.#policy.onBreak((reason) => {
      listener.opened('error' in reason ? reason.error : undefined)
    })
    this.#policy.onReset(() => listener.closed())
  }

  get isClosed(): boolean {
    return this.#policy === undefined || this.#policy.state === CircuitState.Closed
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.isClosed) return 'closed'
    return this.#policy?.state === CircuitState.HalfOpen ? 'half-open' : 'open'
  }

  /**
   * Only while it is closed. Rejects as the call does. Why only failures go through the policy: it costs several
   * turns of the microtask queue, and of a success it wants to know nothing but that there was one.
   */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    try {
      const value = await call()
      this.succeeded()
      return value
    } catch (error) {
      if (this.#policy === undefined || !this.isClosed) throw error
      return this.#policy.execute(() => Promise.reject(error))
    }
  }

  /** What `execute` does where the call has succeeded: for one that was made without it. */
  succeeded(): void {
    this.#breaker?.success()
  }

  /** Tries the tier while it is not closed; closes it where that succeeds. Rejects as the call does. */
  probe<T>(call: () => Promise<T>): Promise<T> {
    return this.#policy === undefined ? call() : this.#policy.execute(call)
  }
}
