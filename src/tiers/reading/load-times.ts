/** How many loads there were, and how long they take, for those who load ahead of time: an exponentially weighted mean, 1/8 for the latest. */
const WEIGHT = 1 / 8

export class LoadTimes {
  count = 0
  failed = 0
  #meanMs: number | undefined

  /** 0 before the first load. */
  get meanMs(): number {
    return this.#meanMs ?? 0
  }

  note(loadMs: number): void {
    this.count++
    this.#meanMs =
      this.#meanMs === undefined ? loadMs : this.#meanMs + (loadMs - this.#meanMs) * WEIGHT
  }

  noteFailure(): void {
    this.count++
    this.failed++
  }
}
