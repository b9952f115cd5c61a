/**
 * GDSF, Greedy-Dual-Size-Frequency: evicts what has the fewest uses a byte, with age taken into account.
 *
 * L. Cherkasova, Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy, HP
 * Laboratories HPL-98-69R1, 1998; after P. Cao, S. Irani, Cost-aware WWW proxy caching algorithms, USITS 1997.
 * Rank: `age + uses / bytes`, renewed with each use; the lowest goes first, and the age becomes its rank.
 * So whatever is not used any more is overtaken in the end. Every miss costs the same: this is the variant
 * for the hit ratio. Each object is taken in (the report also describes one that turns away objects of a
 * low rank; that one never ages while it turns away). With equal sizes it is LFU with dynamic aging.
 *
 * Costs 32 bytes a key, and a heap of what is held.
 */
import { KeyHeap } from '../key-heap.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

export class Gdsf extends ReadThrough {
  private readonly heap: KeyHeap
  private readonly uses: Uint32Array
  private age = 0

  constructor(options: SimulationOptions) {
    super(options)
    this.heap = new KeyHeap(options.keyCount)
    this.uses = new Uint32Array(options.keyCount)
  }

  get used(): number {
    return this.heap.bytes
  }

  protected holds(key: number): boolean {
    return this.heap.has(key)
  }

  protected hit(key: number): void {
    this.heap.rank(key, this.age + ++this.uses[key] / this.heap.bytesOf(key))
  }

  protected miss(key: number, bytes: number): void {
    while (this.heap.bytes + bytes > this.capacity) this.evict()
    this.uses[key] = 1
    this.heap.add(key, bytes, this.age + 1 / bytes)
  }

  protected drop(key: number): void {
    this.heap.remove(key)
  }

  private evict(): void {
    this.age = this.heap.lowestRank()
    this.heap.remove(this.heap.first())
  }
}
