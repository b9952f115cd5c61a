/**
 * LFU: evicts what was used least often since it was taken in, and of those what was used longest ago.
 *
 * Perfect counts while an object is held, forgotten once it goes, and no aging: what was popular once
 * stays. Here so that an engine can be checked against an independent implementation.
 * With sizes: evicts until there is room.
 *
 * Costs 32 bytes a key, and a heap of what is held.
 */
import { KeyHeap } from '../key-heap.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

export class Lfu extends ReadThrough {
  private readonly heap: KeyHeap
  private readonly uses: Uint32Array

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
    this.heap.rank(key, ++this.uses[key])
  }

  protected miss(key: number, bytes: number): void {
    const { heap } = this
    while (heap.bytes + bytes > this.capacity) heap.remove(heap.first())
    this.uses[key] = 1
    heap.add(key, bytes, 1)
  }

  protected drop(key: number): void {
    this.heap.remove(key)
  }
}
