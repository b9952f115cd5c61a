/**
 * Gives each key a number, from 0 in the order of first sight, by its 64-bit hash.
 *
 * 1. Open addressing with linear probing, at most half full; a slot holds a number plus one.
 * 2. The hash is all that is kept of a key.
 *
 * Costs 16 to 24 bytes a key, and a cache miss or two a look-up.
 */
import { sharedArray, withRoom } from './shared-array.js'

const FIRST_SLOTS = 2 ** 17

export class KeyTable {
  count = 0
  highs = sharedArray(Uint32Array)
  lows = sharedArray(Uint32Array)
  private slots = new Uint32Array(FIRST_SLOTS)

  /** The key's number; `count` grows where it is new. */
  numberOf(high: number, low: number): number {
    const { slots, highs, lows } = this
    const mask = slots.length - 1
    // Bound: half of the slots are empty.
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const taken = slots[at]
      if (taken === 0) return this.add(at, high, low)
      if (lows[taken - 1] === low && highs[taken - 1] === high) return taken - 1
    }
  }

  /** Keeps the keys that have a new number, which are in the order of the old ones; -1 for the others. */
  renumber(newNumbers: Int32Array): void {
    let kept = 0
    for (let number = 0; number < this.count; number++) {
      if (newNumbers[number] < 0) continue
      this.highs[kept] = this.highs[number]
      this.lows[kept] = this.lows[number]
      kept++
    }
    this.count = kept
    this.rebuild(this.slots.length)
  }

  private add(at: number, high: number, low: number): number {
    const number = this.count++
    this.highs = withRoom(this.highs, this.count)
    this.lows = withRoom(this.lows, this.count)
    this.highs[number] = high
    this.lows[number] = low
    this.slots[at] = number + 1
    if (this.count * 2 > this.slots.length) this.rebuild(this.slots.length * 2)
    return number
  }

  private rebuild(slotCount: number): void {
    const slots = new Uint32Array(slotCount)
    const mask = slotCount - 1
    for (let number = 0; number < this.count; number++) {
      let at = this.lows[number] & mask
      while (slots[at] !== 0) at = (at + 1) & mask
      slots[at] = number + 1
    }
    this.slots = slots
  }
}
