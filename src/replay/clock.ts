/**
 * The time of a trace, as both caches are told it.
 *
 * 1. It never goes back: logs are often a little out of order.
 * 2. It begins at START_MS, whatever the trace begins at. Why not 0: lru-cache takes 0 for "no time".
 * 3. A file that begins before the end of the one before it goes on from there.
 */
import { UNKNOWN_TIME } from './access.js'

export const START_MS = 1

/** What a cache is given as its clock, and what the replay moves. */
export interface TraceClock {
  now(): number
  /** On to the time of an access. */
  moveTo(timeMs: number): void
}

/** The clock of a replay in one thread. */
export class ReplayClock implements TraceClock {
  nowMs = START_MS

  now(): number {
    return this.nowMs
  }

  moveTo(timeMs: number): void {
    this.nowMs = timeMs
  }
}

/** Turns the times that stand in files into those of one clock. */
export class TraceTime {
  private nowMs = START_MS
  private offsetMs = Number.NaN
  private fileBegins = true

  startFile(): void {
    this.fileBegins = true
  }

  place(timeMs: number): number {
    if (timeMs === UNKNOWN_TIME) return this.nowMs
    if (this.fileBegins) this.begin(timeMs)
    this.nowMs = Math.max(this.nowMs, timeMs + this.offsetMs)
    return this.nowMs
  }

  private begin(timeMs: number): void {
    this.fileBegins = false
    // Why negated: before the first file the offset is NaN.
    if (!(timeMs + this.offsetMs >= this.nowMs)) this.offsetMs = this.nowMs - timeMs
  }
}
