/**
 * W-TinyLFU: a small LRU window in front of a main space that only lets in what is used more often than what
 * would go for it.
 *
 * G. Einziger, R. Friedman, B. Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017; shares
 * as in Caffeine 2: window 1%, the rest a segmented LRU, 80% of it protected.
 * A newcomer enters the window; what leaves that is compared, by a sketch of all recent uses, with the main
 * space's next victim, and the one used less often goes. A hit in probation moves to the protected segment,
 * whose overflow goes back to probation. Of every 128 candidates that lose though used 6 times or more, one is let
 * in by chance (seeded), so that collisions cannot be used to shut a key out.
 *
 * With sizes, as G. Einziger, O. Eytan, R. Friedman, B. Manes, Lightweight robust size aware cache management,
 * ACM TOS 18(3), 2022, by augmented victims: the candidate must be used more often than all the victims together
 * that would have to go. What is larger than the window is a candidate at once.
 *
 * 1. Window and main space each stay within their own capacity.
 *
 * Costs 13 bytes a key and 8 to 16 an entry; an admission as many steps as it has victims.
 */
import { FrequencySketch } from '../frequency-sketch.js'
import { KeyLists, NONE, OUTSIDE } from '../key-lists.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

const WINDOW = 1
const PROBATION = 2
const PROTECTED = 3

const WINDOW_SHARE = 0.01
const PROTECTED_SHARE = 0.8

const LUCKY_FREQUENCY = 6
const LUCKY_MASK = 127

export class WTinyLfu extends ReadThrough {
  protected readonly sketch: FrequencySketch
  private readonly lists: KeyLists
  /** Of the main space, what is never protected. */
  private readonly unprotected: number
  private windowCapacity: number
  private random = 1

  constructor(options: SimulationOptions) {
    super(options)
    this.lists = new KeyLists(options.keyCount, 3)
    this.sketch = new FrequencySketch(Math.min(options.capacity, options.keyCount))
    this.windowCapacity = Math.ceil(options.capacity * WINDOW_SHARE)
    this.unprotected = this.mainCapacity - Math.floor(this.mainCapacity * PROTECTED_SHARE)
  }

  get used(): number {
    return this.lists.bytesIn(WINDOW) + this.mainBytes
  }

  protected holds(key: number): boolean {
    return this.lists.listOf(key) !== OUTSIDE
  }

  protected hit(key: number): void {
    this.sketch.add(key)
    if (this.lists.listOf(key) === PROBATION) this.promote(key)
    else this.lists.renew(key)
  }

  protected miss(key: number, bytes: number): void {
    this.sketch.add(key)
    if (bytes > this.windowCapacity) this.offer(key, bytes)
    else this.open(key, bytes)
    this.sketch.cover(this.lists.length)
  }

  protected drop(key: number): void {
    this.lists.remove(key)
  }

  /** Moves the border between window and main space, and what lies on the wrong side of it. */
  protected growWindow(amount: number): void {
    const most = this.capacity - this.unprotected
    this.windowCapacity = Math.max(1, Math.min(most, this.windowCapacity + Math.trunc(amount)))
    this.shrinkProtected()
    while (this.mainBytes > this.mainCapacity) this.passToWindow(this.firstVictim())
    while (this.lists.bytesIn(WINDOW) > this.windowCapacity)
      this.passToMain(this.lists.oldest(WINDOW))
  }

  private get mainCapacity(): number {
    return this.capacity - this.windowCapacity
  }

  private get protectedCapacity(): number {
    return this.mainCapacity - this.unprotected
  }

  private get mainBytes(): number {
    return this.lists.bytesIn(PROBATION) + this.lists.bytesIn(PROTECTED)
  }

  /** Takes a newcomer into the window; what has to leave that is offered to the main space. */
  private open(key: number, bytes: number): void {
    const { lists } = this
    while (lists.bytesIn(WINDOW) + bytes > this.windowCapacity) {
      const candidate = lists.oldest(WINDOW)
      lists.remove(candidate)
      this.offer(candidate, lists.bytesOf(candidate))
    }
    lists.add(WINDOW, key, bytes)
  }

  private offer(key: number, bytes: number): void {
    if (bytes > this.mainCapacity || !this.wins(key, bytes)) return
    while (this.mainBytes + bytes > this.mainCapacity) this.lists.remove(this.firstVictim())
    this.lists.add(PROBATION, key, bytes)
  }

  /** Against all victims together. Bound: the main space is large enough for the candidate. */
  private wins(key: number, bytes: number): boolean {
    const frequency = this.sketch.estimate(key)
    let missing = this.mainBytes + bytes - this.mainCapacity
    let rivals = 0
    let victim = NONE
    while (missing > 0) {
      victim = victim === NONE ? this.firstVictim() : this.nextVictim(victim)
      rivals += this.sketch.estimate(victim)
      if (rivals >= frequency) return this.isLucky(frequency)
      missing -= this.lists.bytesOf(victim)
    }
    return true
  }

  private isLucky(frequency: number): boolean {
    if (frequency < LUCKY_FREQUENCY) return false
    this.random = (Math.imul(this.random, 0x19660d) + 0x3c6ef35f) >>> 0
    return ((this.random >>> 16) & LUCKY_MASK) === 0
  }

  private firstVictim(): number {
    const { lists } = this
    return lists.oldest(lists.isEmpty(PROBATION) ? PROTECTED : PROBATION)
  }

  private nextVictim(victim: number): number {
    const next = this.lists.newer(victim)
    return next === NONE ? this.lists.oldest(PROTECTED) : next
  }

  private promote(key: number): void {
    if (this.lists.bytesOf(key) > this.protectedCapacity) {
      this.lists.renew(key)
      return
    }
    this.lists.move(key, PROTECTED)
    this.shrinkProtected()
  }

  private shrinkProtected(): void {
    const { lists } = this
    while (lists.bytesIn(PROTECTED) > this.protectedCapacity)
      lists.move(lists.oldest(PROTECTED), PROBATION)
  }

  private passToWindow(victim: number): void {
    const { lists } = this
    if (lists.bytesIn(WINDOW) + lists.bytesOf(victim) > this.windowCapacity) lists.remove(victim)
    else lists.move(victim, WINDOW)
  }

  private passToMain(oldest: number): void {
    const { lists } = this
    if (this.mainBytes + lists.bytesOf(oldest) > this.mainCapacity) lists.remove(oldest)
    else lists.move(oldest, PROBATION)
  }
}
