/** A block of hashes: keys that are equal have equal hashes, and their texts can be had. */
import { describe, expect, it } from 'vitest'
import { HashedBlock } from '../../../src/replay/curve/hashed-block.js'

function filled(): HashedBlock {
  const block = new HashedBlock(8)
  const line = Buffer.from('GET /a /b')
  block.push('/a', 1, 2, 3, 0)
  block.pushBytes(line, 4, 6, 10, 20, 30, 1)
  block.pushBytes(line, 7, 9, 10, 20, 30, 2)
  block.pushNumber(2 ** 40, 100, 200, 300, 0)
  return block
}

function hashAt({ hashes }: HashedBlock, index: number): [number, number] {
  return [hashes.highs[index], hashes.lows[index]]
}

describe('a block of hashes', () => {
  it('gives the text and its length of every key, however it came', () => {
    const block = filled()
    const keys = ['/a', '/a', '/b', '1099511627776']
    expect(keys.map((_, index) => block.keyAt(index))).toEqual(keys)
    expect(keys.map((_, index) => block.keyLengthAt(index))).toEqual([2, 2, 2, 13])
  })

  it('has one hash for equal keys and different ones for others', () => {
    const block = filled()
    expect(hashAt(block, 0)).toEqual(hashAt(block, 1))
    expect(hashAt(block, 0)).not.toEqual(hashAt(block, 2))
  })

  it('keeps the other columns as a block does', () => {
    const block = filled()
    expect(block.length).toBe(4)
    expect([...block.sizeBytes.subarray(0, 4)]).toEqual([1, 10, 10, 100])
    expect([...block.timeMs.subarray(0, 4)]).toEqual([2, 20, 20, 200])
    expect([...block.ttlMs.subarray(0, 4)]).toEqual([3, 30, 30, 300])
    expect([...block.operations.subarray(0, 4)]).toEqual([0, 1, 2, 0])
  })

  it('tells keys of one prefix from those of another, and of none', () => {
    const [plain, csv, arc] = [filled(), filled(), filled()]
    csv.prefixKeys('columns:')
    arc.prefixKeys('arc:')
    expect(hashAt(csv, 0)).toEqual(hashAt(csv, 1))
    expect(new Set([plain, csv, arc].map((block) => String(hashAt(block, 0)))).size).toBe(3)
    expect(csv.keyAt(3)).toBe('columns:1099511627776')
    expect(csv.keyLengthAt(1)).toBe('columns:/a'.length)
  })
})
