/**
 * Whether a near cache pays, judged again and again while the cache is used.
 *
 * 1. Where it answers too few of the gets, it is passed by for a while; each time in a row for twice as long.
 * 2. Where it answers enough, what a get costs is measured: first with it, then for MIN_BYPASSED_GETS gets
 *    without it. A Map has to hash and compare a key that was built afresh, which can cost more than the
 *    engine does; for a key that is the same string each time it costs next to nothing. How the keys come
 *    about, only the clock tells.
 * 3. A near cache that misses nothing is never passed by, nor timed.
 *
 * Costs two readings of the clock for one in TIMED_MISSES misses of a window that is measured, and
 * measures one window in up to MAX_UNMEASURED_WINDOWS.
 */

const MISSES_PER_WINDOW = 1024
/** Gets that go straight to the engine before the near cache is tried again; doubled each time in a row. */
const MIN_BYPASSED_GETS = 2048
const MAX_BYPASSED_GETS = 65_536
/** A miss costs about as much as a hit saves (cold keys, cold buckets): with fewer it does not pay. */
const PAYING_HITS_PER_MISS = 0.8
/** After one in so many misses the next get is timed, whichever it is. */
const TIMED_MISSES = 4
const TIMED_BYPASSED_GETS = 8
/** Times of single gets scatter as widely as hits and misses of the processor's caches do. */
const MIN_SAMPLES = 250
/** What a get took at most, in ms: what is above was spent waiting for the processor. */
const MAX_COST_MS = 0.003
/** The engine has to be that much cheaper. */
const CHEAPER = 0.92
const MAX_UNMEASURED_WINDOWS = 64

export class NearReview {
  readonly #now: () => number
  readonly #nearCosts = new Costs()
  readonly #engineCosts = new Costs()
  #misses = 0
  #hitsBefore = 0
  #nextBypassedGets = MIN_BYPASSED_GETS
  #unmeasuredWindows = 1
  #windowsLeft = 0
  #bypassedGets = 0

  /** @param now milliseconds, as fine as can be */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Counts a get that the near cache did not answer.
   * @param hits that it had, ever
   * @returns how many gets are to pass it by now; mostly 0
   */
  countMiss(hits: number): number {
    if (++this.#misses < MISSES_PER_WINDOW) return 0
    const windowHits = hits - this.#hitsBefore
    this.#misses = 0
    this.#hitsBefore = hits
    const gets =
      windowHits < MISSES_PER_WINDOW * PAYING_HITS_PER_MISS ? this.#lengthen() : this.#compare()
    this.#nearCosts.fade()
    if (gets > 0) this.#engineCosts.fade()
    this.#bypassedGets = 0
    return gets
  }

  /** Whether the next get is to be timed, which goes by the near cache. */
  get wantsNearCost(): boolean {
    return this.#windowsLeft === 0 && this.#misses % TIMED_MISSES === 0
  }

  /** Whether the next get is to be timed, which passes the near cache by. */
  get wantsEngineCost(): boolean {
    return (
      this.#bypassedGets < MIN_BYPASSED_GETS && ++this.#bypassedGets % TIMED_BYPASSED_GETS === 0
    )
  }

  /** Before a get that is to be timed. Why no callback: one that captures the key costs every get 10 ns. */
  begin(): number {
    return this.#now()
  }

  /** After it. @param began what begin() answered */
  end(began: number, isNear: boolean): void {
    const costs = isNear ? this.#nearCosts : this.#engineCosts
    costs.add(Math.min(this.#now() - began, MAX_COST_MS))
  }

  /** Near costs were measured, or this window was not to be. */
  #compare(): number {
    if (this.#windowsLeft > 0) {
      this.#windowsLeft--
      return 0
    }
    if (!this.#nearCosts.areMany) return 0
    if (!this.#engineCosts.areMany) return MIN_BYPASSED_GETS
    if (this.#engineCosts.mean < this.#nearCosts.mean * CHEAPER) return this.#lengthen()
    // It pays: for a while, longer each time, nothing is measured.
    this.#windowsLeft = this.#unmeasuredWindows
    this.#unmeasuredWindows = Math.min(MAX_UNMEASURED_WINDOWS, this.#unmeasuredWindows * 2)
    this.#nextBypassedGets = MIN_BYPASSED_GETS
    // By then they may be others.
    this.#engineCosts.clear()
    return 0
  }

  #lengthen(): number {
    const gets = this.#nextBypassedGets
    this.#nextBypassedGets = Math.min(MAX_BYPASSED_GETS, gets * 2)
    this.#unmeasuredWindows = 1
    this.#windowsLeft = 0
    return gets
  }
}

class Costs {
  #sum = 0
  #count = 0

  add(cost: number): void {
    this.#sum += cost
    this.#count++
  }

  clear(): void {
    this.#sum = 0
    this.#count = 0
  }

  /** What was measured before counts half. */
  fade(): void {
    this.#sum /= 2
    this.#count /= 2
  }

  get areMany(): boolean {
    return this.#count >= MIN_SAMPLES
  }

  get mean(): number {
    return this.#sum / this.#count
  }
}
