/**
 * Policies of one queue: newcomers at the newest end, and with sizes as many victims as it takes until
 * there is room.
 */
import { KeyLists, OUTSIDE } from './key-lists.js'
import { ReadThrough } from './read-through.js'
import type { SimulationOptions } from './simulation.js'

export const QUEUE = 1

export abstract class OneQueue extends ReadThrough {
  protected readonly lists: KeyLists

  constructor(options: SimulationOptions) {
    super(options)
    this.lists = new KeyLists(options.keyCount, 1)
  }

  get used(): number {
    return this.lists.bytesIn(QUEUE)
  }

  protected holds(key: number): boolean {
    return this.lists.listOf(key) !== OUTSIDE
  }

  protected miss(key: number, bytes: number): void {
    while (this.used + bytes > this.capacity) this.drop(this.findVictim())
    this.lists.add(QUEUE, key, bytes)
  }

  protected drop(key: number): void {
    this.lists.remove(key)
  }

  /** The queue is not empty. */
  protected findVictim(): number {
    return this.lists.oldest(QUEUE)
  }
}
