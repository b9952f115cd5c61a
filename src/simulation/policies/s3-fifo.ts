/**
 * S3-FIFO: a small FIFO that one-hit wonders leave quickly, a main one, and a ghost list.
 *
 * J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi, FIFO queues are all you need for cache eviction, SOSP 2023.
 * A newcomer enters the small queue (10% of the cache), or the main one if it is a ghost. A hit counts up to
 * 3. What leaves the small queue goes to main if it was hit more than once, with its count cleared, and else
 * becomes a ghost (as many as main holds). What leaves main goes round again for each hit it counts.
 * Evicted is from the small queue while that is at its share or above, else from main. As in the authors' own
 * implementation, main takes what the small queue has no room for until something is evicted for the first time
 * (with loops over more than fits, those are the objects that stay).
 * With sizes: shares and ghosts are in bytes of the objects, and an object that is larger than the small
 * queue's share passes through it all the same.
 *
 * Costs 14 bytes a key; constant time, an eviction as many steps more as counts are taken down.
 */
import { KeyLists } from '../key-lists.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

const SMALL = 1
const MAIN = 2
const GHOSTS = 3

const SMALL_SHARE = 0.1
const MAX_HITS = 3
const HITS_FOR_MAIN = 2

export class S3Fifo extends ReadThrough {
  private readonly lists: KeyLists
  private readonly hits: Uint8Array
  /** Nothing has been evicted yet. */
  private isFilling = true
  private readonly smallCapacity: number
  private readonly mainCapacity: number

  constructor(options: SimulationOptions) {
    super(options)
    this.lists = new KeyLists(options.keyCount, 3)
    this.hits = new Uint8Array(options.keyCount)
    this.smallCapacity = Math.max(1, Math.floor(options.capacity * SMALL_SHARE))
    this.mainCapacity = options.capacity - this.smallCapacity
  }

  get used(): number {
    return this.lists.bytesIn(SMALL) + this.lists.bytesIn(MAIN)
  }

  protected holds(key: number): boolean {
    const list = this.lists.listOf(key)
    return list === SMALL || list === MAIN
  }

  protected hit(key: number): void {
    if (this.hits[key] < MAX_HITS) this.hits[key]++
  }

  protected miss(key: number, bytes: number): void {
    const { lists } = this
    const isGhost = lists.listOf(key) === GHOSTS
    if (isGhost) lists.remove(key)
    // Bound: each turn evicts, moves out of the small queue, or takes a count down.
    while (this.used + bytes > this.capacity) this.advance()
    this.hits[key] = 0
    lists.add(isGhost || this.fillsMain(bytes) ? MAIN : SMALL, key, bytes)
  }

  protected drop(key: number): void {
    this.lists.remove(key)
  }

  private fillsMain(bytes: number): boolean {
    return this.isFilling && this.lists.bytesIn(SMALL) + bytes > this.smallCapacity
  }

  private advance(): void {
    const { lists } = this
    this.isFilling = false
    const fromSmall = lists.bytesIn(SMALL) >= this.smallCapacity || lists.isEmpty(MAIN)
    if (fromSmall) this.advanceSmall(lists.oldest(SMALL))
    else this.advanceMain(lists.oldest(MAIN))
  }

  private advanceSmall(oldest: number): void {
    if (this.hits[oldest] < HITS_FOR_MAIN) {
      this.remember(oldest)
      return
    }
    this.hits[oldest] = 0
    this.lists.move(oldest, MAIN)
  }

  private advanceMain(oldest: number): void {
    if (this.hits[oldest] === 0) {
      this.lists.remove(oldest)
      return
    }
    this.hits[oldest]--
    this.lists.renew(oldest)
  }

  private remember(victim: number): void {
    const { lists } = this
    lists.move(victim, GHOSTS)
    while (lists.bytesIn(GHOSTS) > this.mainCapacity) lists.remove(lists.oldest(GHOSTS))
  }
}
