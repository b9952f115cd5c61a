// Linear hashing (Litwin, VLDB 1980): a table that grows or shrinks by one place at a time. Of `count`
// places, a hash takes the one its low bits name, with one bit less where that one does not exist yet.

export class LinearHashing {
  /** The place of a hash; count > 0. */
  static place(hash: u32, count: u32): u32 {
    const low = LinearHashing.powerOfTwo(count)
    const place = hash & (2 * low - 1)
    return place < count ? place : hash & (low - 1)
  }

  /** The place whose hashes divide between itself and place number `count`, when that is added. */
  static parent(count: u32): u32 {
    return count - LinearHashing.powerOfTwo(count)
  }

  /** The greatest that is not above `count`. */
  private static powerOfTwo(count: u32): u32 {
    return 1 << (31 - clz(count))
  }
}
