/**
 * 2Q: newcomers pass through a FIFO, and only who comes back after that gets into the LRU list.
 *
 * T. Johnson, D. Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB 1994;
 * the full version, with the sizes it suggests: the FIFO 25% of the cache, its ghosts 50%.
 * A newcomer enters the FIFO, where hits change nothing (they are correlated with the first). What leaves
 * the FIFO is remembered as a ghost; a miss on a ghost enters the LRU list. Evicted is from the FIFO while that
 * is above its share, else from the LRU list. With sizes: shares and ghosts are in bytes of the objects.
 *
 * Costs 13 bytes a key, constant time.
 */
import { KeyLists } from '../key-lists.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

/** A1in, Am and A1out of the paper. */
const FIFO = 1
const MAIN = 2
const GHOSTS = 3

const FIFO_SHARE = 0.25
const GHOST_SHARE = 0.5

export class TwoQueues extends ReadThrough {
  private readonly lists: KeyLists
  private readonly fifoCapacity: number
  private readonly ghostCapacity: number

  constructor(options: SimulationOptions) {
    super(options)
    this.lists = new KeyLists(options.keyCount, 3)
    this.fifoCapacity = Math.max(1, Math.floor(options.capacity * FIFO_SHARE))
    this.ghostCapacity = Math.floor(options.capacity * GHOST_SHARE)
  }

  get used(): number {
    return this.lists.bytesIn(FIFO) + this.lists.bytesIn(MAIN)
  }

  protected holds(key: number): boolean {
    const list = this.lists.listOf(key)
    return list === FIFO || list === MAIN
  }

  protected hit(key: number): void {
    if (this.lists.listOf(key) === MAIN) this.lists.renew(key)
  }

  protected miss(key: number, bytes: number): void {
    const { lists } = this
    const list = lists.listOf(key) === GHOSTS ? MAIN : FIFO
    if (list === MAIN) lists.remove(key)
    while (this.used + bytes > this.capacity) this.evict()
    lists.add(list, key, bytes)
  }

  protected drop(key: number): void {
    this.lists.remove(key)
  }

  private evict(): void {
    const { lists } = this
    const fromFifo = lists.bytesIn(FIFO) > this.fifoCapacity || lists.isEmpty(MAIN)
    if (fromFifo) this.remember(lists.oldest(FIFO))
    else lists.remove(lists.oldest(MAIN))
  }

  private remember(victim: number): void {
    const { lists } = this
    lists.move(victim, GHOSTS)
    while (lists.bytesIn(GHOSTS) > this.ghostCapacity) lists.remove(lists.oldest(GHOSTS))
  }
}
