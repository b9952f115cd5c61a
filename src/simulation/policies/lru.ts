/**
 * LRU: evicts what was used longest ago.
 *
 * P. Denning, The working set model for program behavior, CACM 11(5), 1968, names it.
 * One list, newest use first: a hit makes its object the newest, and the other end is evicted. Here so that
 * an engine can be checked against an independent implementation.
 *
 * Costs 13 bytes a key, constant time.
 */
import { OneQueue } from '../one-queue.js'

export class Lru extends OneQueue {
  protected hit(key: number): void {
    this.lists.renew(key)
  }
}
