/**
 * A binary heap of keys, the one of the lowest rank on top; of equal ranks, the one that was
 * ranked longest ago.
 *
 * 1. `slots[key]` is one more than where the key lies, and 0 while it is not in the heap.
 * 2. What lies in slot n comes before what lies in slots 2n+1 and 2n+2.
 * 3. Ranks lie by slot, beside their keys: comparing neighbours touches no other memory.
 * 4. `bytes` is the sum of the sizes of what is in the heap.
 *
 * Costs log2(keys in it) steps to rank or remove, 28 bytes a key.
 */

export class KeyHeap {
  private readonly slots: Uint32Array
  private readonly keys: Uint32Array
  private readonly ranks: Float64Array
  /** When each was ranked: from a counter. */
  private readonly times: Float64Array
  private readonly sizes: Uint32Array
  private count = 0
  private total = 0
  private time = 0

  constructor(keyCount: number) {
    this.slots = new Uint32Array(keyCount)
    this.keys = new Uint32Array(keyCount)
    this.ranks = new Float64Array(keyCount)
    this.times = new Float64Array(keyCount)
    this.sizes = new Uint32Array(keyCount)
  }

  get bytes(): number {
    return this.total
  }

  /** Of a key in the heap. */
  bytesOf(key: number): number {
    return this.sizes[key]
  }

  has(key: number): boolean {
    return this.slots[key] !== 0
  }

  /** Of a heap that is not empty. */
  first(): number {
    return this.keys[0]
  }

  /** The rank of the first; Infinity where there is none. */
  lowestRank(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.ranks[0]
  }

  /** @param key is not in the heap */
  add(key: number, bytes: number, rank: number): void {
    this.sizes[key] = bytes
    this.total += bytes
    this.settle(this.count++, key, rank, ++this.time)
  }

  /** @param key is in the heap */
  rank(key: number, rank: number): void {
    this.settle(this.slots[key] - 1, key, rank, ++this.time)
  }

  /** @param key is in the heap */
  remove(key: number): void {
    const slot = this.slots[key] - 1
    const last = --this.count
    this.slots[key] = 0
    this.total -= this.sizes[key]
    if (slot === last) return
    this.settle(slot, this.keys[last], this.ranks[last], this.times[last])
  }

  /** Puts a key into a slot whose content is no longer wanted, or above or below that. */
  private settle(slot: number, key: number, rank: number, time: number): void {
    const raised = this.raise(slot, rank, time)
    const hole = raised === slot ? this.lower(slot, rank, time) : raised
    this.fill(hole, key, rank, time)
  }

  /** Moves parents down into the hole for as long as they come after; returns where the hole is then. */
  private raise(hole: number, rank: number, time: number): number {
    while (hole > 0) {
      const parent = (hole - 1) >>> 1
      if (!this.comesAfter(parent, rank, time)) break
      this.shift(parent, hole)
      hole = parent
    }
    return hole
  }

  /** Moves the first child up into the hole for as long as it comes before. */
  private lower(hole: number, rank: number, time: number): number {
    for (let child = this.firstChild(hole); child < this.count; child = this.firstChild(hole)) {
      if (this.comesAfter(child, rank, time)) break
      this.shift(child, hole)
      hole = child
    }
    return hole
  }

  private firstChild(slot: number): number {
    const left = 2 * slot + 1
    const right = left + 1
    if (right >= this.count) return left
    return this.comesAfter(left, this.ranks[right], this.times[right]) ? right : left
  }

  private comesAfter(slot: number, rank: number, time: number): boolean {
    const own = this.ranks[slot]
    return own > rank || (own === rank && this.times[slot] > time)
  }

  private shift(from: number, to: number): void {
    this.fill(to, this.keys[from], this.ranks[from], this.times[from])
  }

  private fill(slot: number, key: number, rank: number, time: number): void {
    this.keys[slot] = key
    this.ranks[slot] = rank
    this.times[slot] = time
    this.slots[key] = slot + 1
  }
}
