/**
 * Finds a good size for the window of W-TinyLFU by trying.
 *
 * G. Einziger, O. Eytan, R. Friedman, B. Manes, Adaptive software cache management, Middleware 2018; step and
 * decay as in Caffeine 3. Once every sample, the hit ratio is compared to that of the sample before: where it
 * rose, the window is moved on in the same direction, else back. Steps begin at 6.25% of the capacity and get
 * 2% shorter each time, so that the window comes to rest; a change of 5 points or more starts them again.
 */

const FIRST_STEP = 0.0625
const STEP_DECAY = 0.98
const RESTART_CHANGE = 0.05

export class HillClimber {
  private readonly firstStep: number
  /** Signed: positive makes the window larger. */
  private step: number
  private hitRatio = 0
  private hits = 0
  private requests = 0

  constructor(capacity: number) {
    this.firstStep = capacity * FIRST_STEP
    this.step = -this.firstStep
  }

  /** @returns how much larger the window should be, 0 within a sample */
  record(isHit: boolean, sampleRequests: number): number {
    this.requests++
    if (isHit) this.hits++
    return this.requests < sampleRequests ? 0 : this.climb()
  }

  private climb(): number {
    const change = this.hits / this.requests - this.hitRatio
    const amount = change >= 0 ? this.step : -this.step
    this.step =
      Math.abs(change) >= RESTART_CHANGE ? Math.sign(amount) * this.firstStep : amount * STEP_DECAY
    this.hitRatio += change
    this.hits = 0
    this.requests = 0
    return amount
  }
}
