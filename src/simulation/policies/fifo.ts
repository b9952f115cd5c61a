/**
 * FIFO: evicts what was taken in longest ago; a hit changes nothing.
 *
 * L. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2), 1966.
 * Here so that an engine can be checked against an independent implementation.
 *
 * Costs 13 bytes a key, constant time.
 */
import { OneQueue } from '../one-queue.js'

export class Fifo extends OneQueue {
  protected hit(): void {}
}
