/** Random numbers from a seed (Mulberry32): the same seed, the same numbers. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `end - 1`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** Of all sizes alike, from `first` to `last`: each octave as likely as any other. */
  logBetween(first: number, last: number): number {
    return Math.round(first * (last / first) ** this.next())
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  /** From 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
