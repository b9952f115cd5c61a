/**
 * SIEVE: a FIFO whose hand passes over what was used, and leaves it where it is.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi, SIEVE is simpler than LRU, NSDI 2024.
 * A hit only sets a bit. The hand goes from the oldest towards the newest: it clears the bits that are set
 * and evicts the first object without one; the next eviction goes on from there, and behind the newest
 * from the oldest again. New objects come in at the newest end, so survivors and newcomers stay apart.
 *
 * Costs 14 bytes a key; constant time, an eviction at most as many steps more as there were hits before.
 */
import { NONE } from '../key-lists.js'
import { OneQueue, QUEUE } from '../one-queue.js'
import type { SimulationOptions } from '../simulation.js'

export class Sieve extends OneQueue {
  private readonly wasUsed: Uint8Array
  /** Where the next search begins; NONE: at the oldest. */
  private hand = NONE

  constructor(options: SimulationOptions) {
    super(options)
    this.wasUsed = new Uint8Array(options.keyCount)
  }

  protected hit(key: number): void {
    this.wasUsed[key] = 1
  }

  protected override drop(key: number): void {
    if (key === this.hand) this.hand = this.lists.newer(key)
    this.wasUsed[key] = 0
    super.drop(key)
  }

  protected override findVictim(): number {
    let candidate = this.orOldest(this.hand)
    // Bound: each turn clears a bit.
    while (this.wasUsed[candidate] === 1) {
      this.wasUsed[candidate] = 0
      candidate = this.orOldest(this.lists.newer(candidate))
    }
    this.hand = candidate
    return candidate
  }

  private orOldest(key: number): number {
    return key === NONE ? this.lists.oldest(QUEUE) : key
  }
}
