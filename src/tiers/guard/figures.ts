/** What a guard counts, and how long the last calls took. */

/** `stats()` of a GuardedTier. */
export interface GuardStats {
  /** What was asked of the guard, whether the tier was asked or not. */
  calls: number
  /** Calls that failed after their retries, timeouts included, refusals by the open breaker not. */
  failures: number
  timeouts: number
  /** Further attempts. */
  retries: number
  /** Writes that were given up, as a newer one of the same key stood behind them. */
  superseded: number
  /** Calls that the tier was not asked, as it is down. */
  rejectedByBreaker: number
  breaker: 'closed' | 'open' | 'half-open'
  /** Keys, tags, prefixes and patterns that wait until the tier works again; Infinity: all keys. */
  pendingRepairs: number
  /** Keys that were repaired. */
  repaired: number
  /** Of the last 256 calls that the tier answered; 0 where there is none. In ms. */
  p50Ms: number
  p99Ms: number
}

export type GuardCounts = Pick<
  GuardStats,
  'calls' | 'failures' | 'timeouts' | 'retries' | 'superseded' | 'rejectedByBreaker' | 'repaired'
>

const LATENCIES = 256

export class Figures {
  readonly counts: GuardCounts = {
    calls: 0,
    failures: 0,
    timeouts: 0,
    retries: 0,
    superseded: 0,
    rejectedByBreaker: 0,
    repaired: 0,
  }
  readonly #latencies = new Float64Array(LATENCIES)
  #recorded = 0

  record(latencyMs: number): void {
    this.#latencies[this.#recorded++ % LATENCIES] = latencyMs
  }

  latencies(): { p50Ms: number; p99Ms: number } {
    const count = Math.min(this.#recorded, LATENCIES)
    if (count === 0) return { p50Ms: 0, p99Ms: 0 }
    const sorted = this.#latencies.slice(0, count).sort()
    const at = (share: number): number => sorted[Math.min(count - 1, Math.floor(count * share))]
    return { p50Ms: at(0.5), p99Ms: at(0.99) }
  }
}
