/**
 * How often each key was used lately: a count-min sketch of 4-bit counters.
 *
 * G. Einziger, R. Friedman, B. Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017.
 *
 * ```
 *   block    16 words, a cache line of the processor's; all counters of a key are in one block
 *            | 4 words of row 0 | 4 words of row 1 | 4 words of row 2 | 4 words of row 3 |
 *   word     8 counters of 4 bits
 * ```
 *
 * 1. A key has one counter in each row, and its estimate is the smallest of the four: 0 to 15.
 * 2. After 10 additions for each entry that the cache has held at once, all counters are halved.
 *
 * Costs 8 to 16 bytes an entry, constant time on the mean.
 */

const BLOCK_WORDS = 16
const ROWS = 4
const COUNTERS_PER_ENTRY = 16
const COUNTERS_PER_WORD = 8
const MAX_COUNT = 15
const ADDITIONS_PER_ENTRY = 10

/** Of each counter in a word: its lowest bit, and the bits that are its own after all have moved down by one. */
const LOWEST_BITS = 0x1111_1111
const LOWER_BITS = 0x7777_7777

export class FrequencySketch {
  private readonly words: Int32Array
  private readonly blockMask: number
  private entries = 1
  private additions = 0

  /** @param entries as many as the cache may come to hold */
  constructor(entries: number) {
    const words = (entries * COUNTERS_PER_ENTRY) / COUNTERS_PER_WORD
    const blocks = 2 ** Math.ceil(Math.log2(Math.max(1, words / BLOCK_WORDS)))
    this.words = new Int32Array(blocks * BLOCK_WORDS)
    this.blockMask = blocks - 1
  }

  /** How many additions there are between two halvings. */
  get period(): number {
    return this.entries * ADDITIONS_PER_ENTRY
  }

  /** Says how many entries the cache holds. */
  cover(entries: number): void {
    if (entries > this.entries) this.entries = entries
  }

  add(key: number): void {
    const hash = scatter(key)
    const block = (hash & this.blockMask) * BLOCK_WORDS
    const places = scatter(hash)
    let counted = false
    for (let row = 0; row < ROWS; row++) {
      if (this.countUp(block + wordIn(row, places), shiftIn(row, places))) counted = true
    }
    if (counted && ++this.additions >= this.period) this.halve()
  }

  estimate(key: number): number {
    const hash = scatter(key)
    const block = (hash & this.blockMask) * BLOCK_WORDS
    const places = scatter(hash)
    let least = MAX_COUNT
    for (let row = 0; row < ROWS; row++) {
      const word = this.words[block + wordIn(row, places)]
      const count = (word >>> shiftIn(row, places)) & MAX_COUNT
      if (count < least) least = count
    }
    return least
  }

  private countUp(index: number, shift: number): boolean {
    if (((this.words[index] >>> shift) & MAX_COUNT) === MAX_COUNT) return false
    this.words[index] += 1 << shift
    return true
  }

  /** What was odd loses a half: that is taken off the additions, a quarter for each of a key's counters. */
  private halve(): void {
    const { words } = this
    let odd = 0
    for (let index = 0; index < words.length; index++) {
      odd += countBits(words[index] & LOWEST_BITS)
      words[index] = (words[index] >>> 1) & LOWER_BITS
    }
    this.additions = Math.max(0, (this.additions - (odd >>> 2)) >>> 1)
  }
}

/** Five bits of `places` for each row: two for the word, three for the counter within. */
function wordIn(row: number, places: number): number {
  return row * (BLOCK_WORDS / ROWS) + ((places >>> (row * 5)) & 3)
}

function shiftIn(row: number, places: number): number {
  return ((places >>> (row * 5 + 2)) & 7) * 4
}

/** Of a word in which only lowest bits are set: the sum of its hexadecimal digits, 16 leaving 1 by 15. */
function countBits(bits: number): number {
  return bits % 15
}

function scatter(key: number): number {
  let hash = Math.imul(key ^ (key >>> 15) ^ 0x5bd1_e995, 0x2c1b_3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a_2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}
