/** A count of what is under way, and promises that it comes to nothing. */
export class Outstanding {
  #count = 0
  #waiting: (() => void)[] = []

  enter(): void {
    this.#count++
  }

  leave(): void {
    if (--this.#count > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Resolves when nothing is under way; at once where nothing is. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}
