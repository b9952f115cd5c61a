/**
 * ARC: a list of what was used once and one of what was used again, whose shares adapt by ghosts.
 *
 * N. Megiddo, D. Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003.
 * T1 holds what was used once lately, T2 what was used more often, each in order of use; B1 and B2 remember
 * what they evicted. A miss on a ghost in B1 raises the target for T1, one in B2 lowers it, by more the
 * shorter that ghost list is beside the other. Evicted is from T1 while it is above its target, else from
 * T2. T1 and B1 together stay within the capacity, all four within twice that.
 * With sizes: all of these are in bytes, the target moves by the size of the object that was missed, and
 * steps are repeated until there is room. With equal sizes that is the algorithm of the paper.
 *
 * Costs 13 bytes a key, constant time.
 */
import { KeyLists } from '../key-lists.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

const T1 = 1
const T2 = 2
const B1 = 3
const B2 = 4

export class Arc extends ReadThrough {
  private readonly lists: KeyLists
  /** How much of the capacity T1 should have: p in the paper. */
  private target = 0

  constructor(options: SimulationOptions) {
    super(options)
    this.lists = new KeyLists(options.keyCount, 4)
  }

  get used(): number {
    return this.lists.bytesIn(T1) + this.lists.bytesIn(T2)
  }

  protected holds(key: number): boolean {
    const list = this.lists.listOf(key)
    return list === T1 || list === T2
  }

  protected hit(key: number): void {
    if (this.lists.listOf(key) === T2) this.lists.renew(key)
    else this.lists.move(key, T2)
  }

  protected miss(key: number, bytes: number): void {
    const list = this.lists.listOf(key)
    if (list === B1 || list === B2) this.takeBack(key, bytes, list)
    else this.takeIn(key, bytes)
  }

  protected drop(key: number): void {
    this.lists.remove(key)
  }

  private takeBack(key: number, bytes: number, ghosts: number): void {
    this.adapt(bytes, ghosts)
    this.lists.remove(key)
    this.trimAll(bytes)
    this.makeRoom(bytes, ghosts === B2)
    this.lists.add(T2, key, bytes)
  }

  private takeIn(key: number, bytes: number): void {
    this.trimUsedOnce(bytes)
    this.trimAll(bytes)
    this.makeRoom(bytes, false)
    this.lists.add(T1, key, bytes)
  }

  private adapt(bytes: number, ghosts: number): void {
    const once = this.lists.bytesIn(B1)
    const again = this.lists.bytesIn(B2)
    if (ghosts === B1)
      this.target = Math.min(this.capacity, this.target + bytes * Math.max(1, again / once))
    else this.target = Math.max(0, this.target - bytes * Math.max(1, once / again))
  }

  /** Leaves room for a newcomer in T1 and B1 together. */
  private trimUsedOnce(bytes: number): void {
    const { lists } = this
    while (lists.bytesIn(T1) + lists.bytesIn(B1) + bytes > this.capacity) {
      lists.remove(lists.oldest(lists.isEmpty(B1) ? T1 : B1))
    }
  }

  /** Leaves room in all four. */
  private trimAll(bytes: number): void {
    const { lists } = this
    while (this.used + lists.bytesIn(B1) + lists.bytesIn(B2) + bytes > 2 * this.capacity) {
      lists.remove(lists.oldest(lists.isEmpty(B2) ? B1 : B2))
    }
  }

  private makeRoom(bytes: number, again: boolean): void {
    const { lists } = this
    while (this.used + bytes > this.capacity) {
      if (this.takesFromT1(again)) lists.move(lists.oldest(T1), B1)
      else lists.move(lists.oldest(T2), B2)
    }
  }

  private takesFromT1(again: boolean): boolean {
    const { lists } = this
    if (lists.isEmpty(T1) || lists.isEmpty(T2)) return lists.isEmpty(T2)
    const bytes = lists.bytesIn(T1)
    return bytes > this.target || (again && bytes === this.target)
  }
}
