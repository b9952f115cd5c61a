/** A clock that stands still until it is told to go on. */
export class ManualClock {
  time: number

  /** @param startMs any: the cache counts from where the clock stood when it was made */
  constructor(startMs = 1_700_000_000_000) {
    this.time = startMs
  }

  now(): number {
    return this.time
  }

  advance(ms: number): void {
    this.time += ms
  }
}
