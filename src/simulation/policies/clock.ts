/**
 * CLOCK: a FIFO that gives whatever was used since the hand last came by a second chance.
 *
 * F. Corbató, A paging experiment with the Multics system, MIT Project MAC, 1968.
 * A hit only sets a bit. To evict, the oldest is looked at: with its bit set it loses the bit and becomes
 * the newest, without it goes. That is the hand going round, with the hand always at the end of a list.
 *
 * Costs 14 bytes a key; constant time, an eviction at most as many steps more as there were hits before.
 */
import { OneQueue, QUEUE } from '../one-queue.js'
import type { SimulationOptions } from '../simulation.js'

export class Clock extends OneQueue {
  private readonly wasUsed: Uint8Array

  constructor(options: SimulationOptions) {
    super(options)
    this.wasUsed = new Uint8Array(options.keyCount)
  }

  protected hit(key: number): void {
    this.wasUsed[key] = 1
  }

  protected override drop(key: number): void {
    this.wasUsed[key] = 0
    super.drop(key)
  }

  protected override findVictim(): number {
    const { lists, wasUsed } = this
    let victim = lists.oldest(QUEUE)
    // Bound: each turn clears a bit.
    for (; wasUsed[victim] === 1; victim = lists.oldest(QUEUE)) {
      wasUsed[victim] = 0
      lists.renew(victim)
    }
    return victim
  }
}
