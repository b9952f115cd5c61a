/**
 * How fast something goes, and how long it will still take, out of how far it has come when.
 *
 * 1. What was lately counts more: after FADING_MS a rate weighs a third of what it did.
 * 2. The rate of requests begins anew with each part (a pass, say), for each has its own; that of the
 *    whole does not.
 * 3. Nothing is estimated before MIN_OBSERVED_MS.
 */
const FADING_MS = 5000
const MIN_OBSERVED_MS = 500
const MS_PER_SECOND = 1000

export interface Estimate {
  /** Undefined where requests are not counted, or it is too early. */
  requestsPerSecond: number | undefined
  secondsLeft: number | undefined
}

export class ProgressEstimate {
  private readonly shares = new FadingRate()
  private requests = new FadingRate()
  private part: string | undefined

  /**
   * @param share of the whole that is done, 0 to 1
   * @param part what is under way
   * @param requests done in this part
   */
  update(share: number, part: string, requests: number | undefined, nowMs: number): Estimate {
    if (part !== this.part) this.requests = new FadingRate()
    this.part = part
    this.shares.note(share, nowMs)
    if (requests !== undefined) this.requests.note(requests, nowMs)
    const shareRate = this.shares.perSecond()
    return {
      requestsPerSecond: this.requests.perSecond(),
      secondsLeft: shareRate === undefined || shareRate <= 0 ? undefined : (1 - share) / shareRate,
    }
  }
}

/** What is gained in a time, where both fade alike. */
class FadingRate {
  private gained = 0
  private observedMs = 0
  private observedFadedMs = 0
  private last: { value: number; nowMs: number } | undefined

  note(value: number, nowMs: number): void {
    const { last } = this
    this.last = { value, nowMs }
    if (last === undefined) return
    const passedMs = nowMs - last.nowMs
    const fading = Math.exp(-passedMs / FADING_MS)
    this.gained = this.gained * fading + (value - last.value)
    this.observedFadedMs = this.observedFadedMs * fading + passedMs
    this.observedMs += passedMs
  }

  perSecond(): number | undefined {
    if (this.observedMs < MIN_OBSERVED_MS) return undefined
    return (this.gained / this.observedFadedMs) * MS_PER_SECOND
  }
}
