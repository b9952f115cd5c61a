/** Policies on short lists of requests that were worked out by hand. A letter is a key; a capital is a hit. */
import { describe, expect, it } from 'vitest'
import { countHits, requestsOf, run, spell } from './drive.js'

/** The example of the textbooks on operating systems; and Belady's, on which FIFO does worse with more room. */
const TEXTBOOK = requestsOf([7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1])
const ANOMALY = requestsOf([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])

describe('fifo-sim, lru-sim and lfu-sim', () => {
  it('miss as often as in the textbook: 15 and 12 of 20', () => {
    expect(countHits('fifo-sim', 3, TEXTBOOK)).toBe(20 - 15)
    expect(countHits('lru-sim', 3, TEXTBOOK)).toBe(20 - 12)
  })

  it('show that FIFO may miss more often with more room, and that LRU does not', () => {
    expect([3, 4].map((frames) => countHits('fifo-sim', frames, ANOMALY))).toEqual([3, 2])
    expect([3, 4].map((frames) => countHits('lru-sim', frames, ANOMALY))).toEqual([2, 4])
  })

  it('lfu-sim evicts the fewest uses, of those the longest unused, and forgets what it evicted', () => {
    expect(spell('lfu-sim', 2, 'aabca')).toBe('aAbcA')
    expect(spell('lfu-sim', 3, 'abacdb')).toBe('abAcdb')
    expect(spell('lfu-sim', 2, 'aaabcbcbc')).toBe('aAAbcbcbc')
  })
})

describe('clock and sieve', () => {
  it('clock gives what was used a second chance, as the newest', () => {
    expect(spell('clock', 3, 'abcadbca')).toBe('abcAdbca')
  })

  it('sieve leaves what was used where it is, and goes on from there', () => {
    expect(spell('clock', 3, 'abcadefa')).toBe('abcAdefa')
    expect(spell('sieve', 3, 'abcadefa')).toBe('abcAdefA')
  })
})

describe('2q', () => {
  it('takes into its main list who comes back after leaving the FIFO, and nobody for hits within', () => {
    expect(spell('2q', 4, 'abcdaeaebcda')).toBe('abcdAeaEbcda')
  })

  it('keeps its main list through a scan', () => {
    expect(spell('2q', 4, 'abcdeaefghijka')).toBe('abcdeaEfghijkA')
  })
})

describe('arc', () => {
  it('keeps what was used again through a scan', () => {
    expect(spell('arc', 3, 'aabbcdefgab')).toBe('aAbBcdefgAB')
    expect(spell('lru-sim', 3, 'aabbcdefgab')).toBe('aAbBcdefgab')
  })

  it('gives recency more room when what it evicted of that is asked for', () => {
    // b is a ghost of T1 when it comes back: the target rises to 1, so c stays and a goes.
    expect(spell('arc', 2, 'aabcbca')).toBe('aAbcbCa')
  })

  it('gives it back when what it evicted of the frequent is asked for', () => {
    // The second a is a ghost of T2: the target falls to 0 again, so d goes for e, and a stays.
    expect(spell('arc', 2, 'aabcbadea')).toBe('aAbcbadeA')
  })
})

describe('lirs', () => {
  it('orders by the distance between the last two uses', () => {
    // LIR are a and d at first, then d and b, then a and d: b was not used again soon, and leaves for e.
    expect(spell('lirs', 3, 'adbcbadaebd')).toBe('adbcbADAebD')
  })

  it('keeps nine of ten entries through a loop over twelve keys, of which LRU keeps none', () => {
    const rounds = 'abcdefghijkl'.repeat(5)
    expect(spell('lirs', 10, rounds)).toBe(`abcdefghijkl${'ABCDEFGHIjkl'.repeat(4)}`)
    expect(spell('lru-sim', 10, rounds)).toBe(rounds)
  })

  it('puts what is hit in the queue for eviction to its end', () => {
    // 198 and 199 are HIR; used again they become LIR, and 0 and 1 are queued in their place.
    const keys = [...Array(200).keys(), 198, 199, 0, 200, 0, 1]
    expect(run('lirs', 200, requestsOf(keys)).slice(200)).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ])
  })

  it('follows when the loop is over other keys', () => {
    const rounds = 'ab'.repeat(4) + 'cd'.repeat(4)
    expect(spell('lirs', 3, rounds)).toBe('abABABABcdcdCDCD')
  })
})

describe('s3-fifo', () => {
  it('lets one-hit wonders pass by', () => {
    expect(spell('s3-fifo', 10, 'abcdefghijklmnopbcdefghij')).toBe('abcdefghijklmnopBCDEFGHIJ')
  })

  it('takes a ghost into main', () => {
    expect(spell('s3-fifo', 10, 'abcdefghijkaklmnoak')).toBe('abcdefghijkaklmnoAK')
  })

  it('moves to main what was hit twice in the small queue, and evicts what was hit once', () => {
    expect(spell('s3-fifo', 10, 'abcdefghijaaklab')).toBe('abcdefghijAAklAb')
    expect(spell('s3-fifo', 10, 'abcdefghijaklab')).toBe('abcdefghijAklaB')
  })
})

describe('gdsf', () => {
  it('ages with equal sizes, where LFU does not', () => {
    expect(spell('gdsf', 2, 'aaabcbcbc')).toBe('aAAbcbcBC')
  })
})

describe('w-tinylfu', () => {
  it('does not let in what is used no more often than what would go for it', () => {
    expect(spell('w-tinylfu', 3, 'abcabcdefgab')).toBe('abcABCdefgAB')
  })

  it('lets in what is used more often', () => {
    // b is used three times and a twice when d pushes b out of the window.
    expect(spell('w-tinylfu', 2, 'aabcbcbdab')).toBe('aAbcbcbdaB')
  })
})

describe('opt', () => {
  it('hits once more than the textbook says, who must take 4 in though it is not used again', () => {
    expect(countHits('opt', 3, TEXTBOOK)).toBe(20 - 9 + 1)
  })

  it('misses as often as Belady counted where there is nothing to bypass', () => {
    expect([3, 4].map((frames) => countHits('opt', frames, ANOMALY))).toEqual([12 - 7, 12 - 6])
  })
})
