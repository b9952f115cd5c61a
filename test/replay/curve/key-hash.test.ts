/** Hashes of keys: the same for the same key, spread evenly, and different for different ones. */
import { describe, expect, it } from 'vitest'
import { KeyHashes } from '../../../src/replay/curve/key-hash.js'

const COUNT = 200_000
const BUCKETS = 64

function hashesOf(write: (hashes: KeyHashes, index: number) => void): KeyHashes {
  const hashes = new KeyHashes(COUNT)
  for (let index = 0; index < COUNT; index++) write(hashes, index)
  return hashes
}

const KINDS: [string, KeyHashes][] = [
  ['numbers in a row', hashesOf((hashes, index) => hashes.ofNumber(index, index))],
  ['numbers above 2^32', hashesOf((hashes, index) => hashes.ofNumber(index, index * 2 ** 33))],
  ['texts', hashesOf((hashes, index) => hashes.ofText(index, `user:${index}`))],
  [
    'bytes',
    hashesOf((hashes, index) => {
      const bytes = Buffer.from(`-/path/${index}.html-`)
      hashes.ofBytes(index, bytes, 1, bytes.length - 1)
    }),
  ],
]

describe.each(KINDS)('the hashes of %s', (_, { highs, lows }) => {
  it('are all different', () => {
    const seen = new Set<bigint>()
    for (let index = 0; index < COUNT; index++) {
      seen.add((BigInt(highs[index]) << 32n) | BigInt(lows[index]))
    }
    expect(seen.size).toBe(COUNT)
  })

  it.each([
    ['the top of the first word', (index: number) => highs[index] >>> 26],
    ['the bottom of the second word', (index: number) => lows[index] & (BUCKETS - 1)],
    ['the top of the second word', (index: number) => lows[index] >>> 26],
  ])('are spread evenly by %s', (_where, bucketOf) => {
    const counts = new Float64Array(BUCKETS)
    for (let index = 0; index < COUNT; index++) counts[bucketOf(index)]++
    const mean = COUNT / BUCKETS
    // Six standard deviations.
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean))
  })
})

describe('the hash of a key', () => {
  it('is the same for the same bytes wherever they stand, and for the same text', () => {
    const hashes = new KeyHashes(3)
    hashes.ofBytes(0, Buffer.from('xkeyx'), 1, 4)
    hashes.ofBytes(1, Buffer.from('key'), 0, 3)
    hashes.ofText(2, 'key')
    expect(new Set(hashes.highs).size).toBe(1)
    expect(new Set(hashes.lows).size).toBe(1)
  })
})
