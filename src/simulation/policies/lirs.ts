/**
 * LIRS: keeps what is used again soon, judged by how much else was used between its last two uses.
 *
 * S. Jiang, X. Zhang, LIRS: an efficient low inter-reference recency set replacement policy, SIGMETRICS 2002.
 * The stack orders objects by their last use. 99% of the cache is for LIR objects ("low inter-reference recency"),
 * the rest for a queue of the others (HIR), evicted in order; an evicted one is remembered while it is in the
 * stack. Whatever is used again while in the stack becomes LIR, and the lowest LIR object becomes HIR instead.
 * What lies below the lowest LIR object is cut off the stack.
 * It remembers evicted objects of up to twice the capacity (the paper leaves the bound open).
 * With sizes: shares and bounds are in bytes of the objects; what is larger than the share for LIR is HIR.
 *
 * 1. The lowest object in the stack is LIR; without LIR objects the stack is empty.
 * 2. All LIR objects and all that are remembered are in the stack.
 *
 * Costs 26 bytes a key, constant time on the mean: what is cut off was once put on.
 */
import { KeyLists, NONE, OUTSIDE } from '../key-lists.js'
import { ReadThrough } from '../read-through.js'
import type { SimulationOptions } from '../simulation.js'

const STACK = 1

/** What an object is; of these, HIR is a queue, and GHOSTS is one of those that were evicted. */
const LIR = 1
const HIR = 2
const GHOSTS = 3

const HIR_SHARE = 0.01
const GHOST_SHARE = 2

export class Lirs extends ReadThrough {
  private readonly stack: KeyLists
  private readonly kinds: KeyLists
  private readonly lirCapacity: number
  private readonly ghostCapacity: number

  constructor(options: SimulationOptions) {
    super(options)
    this.stack = new KeyLists(options.keyCount, 1)
    this.kinds = new KeyLists(options.keyCount, 3)
    this.lirCapacity = options.capacity - Math.max(1, Math.floor(options.capacity * HIR_SHARE))
    this.ghostCapacity = options.capacity * GHOST_SHARE
  }

  get used(): number {
    return this.kinds.bytesIn(LIR) + this.kinds.bytesIn(HIR)
  }

  protected holds(key: number): boolean {
    const kind = this.kinds.listOf(key)
    return kind === LIR || kind === HIR
  }

  protected hit(key: number): void {
    const { stack, kinds } = this
    const known = stack.listOf(key) === STACK
    if (known) stack.renew(key)
    else stack.add(STACK, key, kinds.bytesOf(key))
    if (kinds.listOf(key) === HIR) this.hitHir(key, known)
    this.prune()
  }

  protected miss(key: number, bytes: number): void {
    const { stack, kinds } = this
    const known = kinds.listOf(key) === GHOSTS
    if (known) this.forget(key)
    while (this.used + bytes > this.capacity) this.evict()
    kinds.add(this.kindOf(bytes, known), key, bytes)
    stack.add(STACK, key, bytes)
    this.shrinkLir()
    this.prune()
  }

  protected drop(key: number): void {
    this.forget(key)
    this.prune()
  }

  private hitHir(key: number, known: boolean): void {
    if (known && this.kinds.bytesOf(key) <= this.lirCapacity) this.kinds.move(key, LIR)
    else this.kinds.renew(key)
    this.shrinkLir()
  }

  /** While there is room for them, newcomers are LIR too. */
  private kindOf(bytes: number, known: boolean): number {
    const room = this.lirCapacity - (known ? 0 : this.kinds.bytesIn(LIR))
    return bytes <= room ? LIR : HIR
  }

  private shrinkLir(): void {
    while (this.kinds.bytesIn(LIR) > this.lirCapacity) this.demoteLowest()
  }

  private demoteLowest(): void {
    this.prune()
    const lowest = this.stack.oldest(STACK)
    this.stack.remove(lowest)
    this.kinds.move(lowest, HIR)
  }

  private evict(): void {
    const { stack, kinds } = this
    if (kinds.isEmpty(HIR)) this.demoteLowest()
    const victim = kinds.oldest(HIR)
    if (stack.listOf(victim) === OUTSIDE) kinds.remove(victim)
    else this.remember(victim)
  }

  private remember(victim: number): void {
    const { kinds } = this
    kinds.move(victim, GHOSTS)
    while (kinds.bytesIn(GHOSTS) > this.ghostCapacity) this.forget(kinds.oldest(GHOSTS))
  }

  private prune(): void {
    const { stack, kinds } = this
    let lowest = stack.oldest(STACK)
    for (; lowest !== NONE && kinds.listOf(lowest) !== LIR; lowest = stack.oldest(STACK)) {
      stack.remove(lowest)
      if (kinds.listOf(lowest) === GHOSTS) kinds.remove(lowest)
    }
  }

  private forget(key: number): void {
    if (this.stack.listOf(key) === STACK) this.stack.remove(key)
    this.kinds.remove(key)
  }
}
