/**
 * OPT, or MIN: knows the future, and evicts what is used again last.
 *
 * L. Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2), 1966.
 * With bypass: the newcomer is one of the candidates, so what is used again later than all that is held is
 * not taken in, and what is never used again is not kept. With objects of one size no policy hits more often.
 *
 * With sizes it is an approximation and no bound (the optimum is NP-hard): the same order, evicting until
 * there is room; where that would take an object that is used again sooner, the newcomer stays outside and
 * nothing is evicted.
 *
 * Removals are no part of the future it knows: it may keep an object whose next request must miss.
 *
 * Costs 40 bytes a key, 4 bytes a request, and a heap of what is held.
 */
import { KeyHeap } from '../key-heap.js'
import { findNextUses, NEVER } from '../next-use.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

export class Opt extends ReadThrough {
  private readonly nextUses: Uint32Array
  /** Ranked by the next use, the last one first. */
  private readonly heap: KeyHeap
  /** Off the heap until it is known whether they go, and their ranks. */
  private readonly victims: Uint32Array
  private readonly victimRanks: Float64Array

  constructor(options: SimulationOptions) {
    super(options)
    this.nextUses = findNextUses(options.requests, options.keyCount)
    this.heap = new KeyHeap(options.keyCount)
    this.victims = new Uint32Array(options.keyCount)
    this.victimRanks = new Float64Array(options.keyCount)
  }

  get used(): number {
    return this.heap.bytes
  }

  protected holds(key: number): boolean {
    return this.heap.has(key)
  }

  protected hit(key: number, index: number): void {
    if (this.nextUses[index] === NEVER) this.heap.remove(key)
    else this.heap.rank(key, -this.nextUses[index])
  }

  protected miss(key: number, bytes: number, index: number): void {
    const nextUse = this.nextUses[index]
    if (nextUse !== NEVER && this.makeRoom(bytes, -nextUse)) this.heap.add(key, bytes, -nextUse)
  }

  protected drop(key: number): void {
    this.heap.remove(key)
  }

  /** Evicts what is used again later than the newcomer, if that gives it room. */
  private makeRoom(bytes: number, rank: number): boolean {
    const { heap } = this
    let count = 0
    while (heap.bytes + bytes > this.capacity && heap.lowestRank() < rank) this.setAside(count++)
    if (heap.bytes + bytes <= this.capacity) return true
    while (count > 0) this.putBack(--count)
    return false
  }

  private setAside(index: number): void {
    const { heap } = this
    this.victims[index] = heap.first()
    this.victimRanks[index] = heap.lowestRank()
    heap.remove(heap.first())
  }

  private putBack(index: number): void {
    const key = this.victims[index]
    this.heap.add(key, this.heap.bytesOf(key), this.victimRanks[index])
  }
}
