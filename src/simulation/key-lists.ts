/**
 * Doubly linked lists of keys, newest first, all in the same few arrays.
 *
 * ```
 *            by key                              one more for each list
 *   newer    | the next newer one, or the end  | the oldest    |
 *   older    | the next older one, or the end  | the newest    |
 *   listOf   | which list it is in             |
 *   bytesOf  | how large it is                 |
 * ```
 *
 * 1. A key is in one list at most. Lists are numbered from 1; OUTSIDE is no list.
 * 2. A list is a ring through its end, whose number is `keyCount` plus that of the list.
 * 3. `bytesIn` is the sum of the sizes of what is in a list.
 *
 * Everything takes constant time. Costs 13 bytes a key.
 */

export const OUTSIDE = 0
/** No key: the list ends here. */
export const NONE = 0xffff_ffff

export class KeyLists {
  private readonly newerThan: Uint32Array
  private readonly olderThan: Uint32Array
  private readonly lists: Uint8Array
  private readonly sizes: Uint32Array
  private readonly totals: Float64Array
  private keys = 0

  constructor(
    private readonly keyCount: number,
    listCount: number,
  ) {
    this.newerThan = new Uint32Array(keyCount + listCount + 1)
    this.olderThan = new Uint32Array(keyCount + listCount + 1)
    this.lists = new Uint8Array(keyCount)
    this.sizes = new Uint32Array(keyCount)
    this.totals = new Float64Array(listCount + 1)
    for (let list = 1; list <= listCount; list++) {
      this.newerThan[keyCount + list] = keyCount + list
      this.olderThan[keyCount + list] = keyCount + list
    }
  }

  /** Keys in all lists together. */
  get length(): number {
    return this.keys
  }

  listOf(key: number): number {
    return this.lists[key]
  }

  /** Of a key in a list. */
  bytesOf(key: number): number {
    return this.sizes[key]
  }

  bytesIn(list: number): number {
    return this.totals[list]
  }

  isEmpty(list: number): boolean {
    return this.newerThan[this.keyCount + list] === this.keyCount + list
  }

  /** NONE where the list is empty. */
  oldest(list: number): number {
    return this.keyOrNone(this.newerThan[this.keyCount + list])
  }

  /** The next one towards the newest; NONE behind that. */
  newer(key: number): number {
    return this.keyOrNone(this.newerThan[key])
  }

  /** @param key is in no list */
  add(list: number, key: number, bytes: number): void {
    this.lists[key] = list
    this.sizes[key] = bytes
    this.totals[list] += bytes
    this.keys++
    this.linkAsNewest(list, key)
  }

  /** @param key is in a list */
  remove(key: number): void {
    this.unlink(key)
    this.totals[this.lists[key]] -= this.sizes[key]
    this.lists[key] = OUTSIDE
    this.keys--
  }

  /** Makes a key the newest of its list. */
  renew(key: number): void {
    this.unlink(key)
    this.linkAsNewest(this.lists[key], key)
  }

  /** From its list to another one, as the newest. */
  move(key: number, list: number): void {
    this.unlink(key)
    this.totals[this.lists[key]] -= this.sizes[key]
    this.totals[list] += this.sizes[key]
    this.lists[key] = list
    this.linkAsNewest(list, key)
  }

  private keyOrNone(link: number): number {
    return link < this.keyCount ? link : NONE
  }

  private linkAsNewest(list: number, key: number): void {
    const end = this.keyCount + list
    const second = this.olderThan[end]
    this.olderThan[key] = second
    this.newerThan[key] = end
    this.newerThan[second] = key
    this.olderThan[end] = key
  }

  private unlink(key: number): void {
    const newer = this.newerThan[key]
    const older = this.olderThan[key]
    this.olderThan[newer] = older
    this.newerThan[older] = newer
  }
}
