/** What is kept of keys: prefixes and names, also while the sample is thinned out. */
import { describe, expect, it } from 'vitest'
import { KeyBook, MAX_NAMES } from '../../../../src/replay/curve/advice/key-book.js'
import { NO_PREFIX } from '../../../../src/replay/curve/advice/prefix-tree.js'
import { sampleOf } from '../curve-helpers.js'

function bookOf(keys: (number | string)[], maxKeys = Number.POSITIVE_INFINITY) {
  const book = new KeyBook()
  const sample = sampleOf(
    keys.map((key) => ({ key })),
    { maxKeys, listener: book },
  )
  return { book, sample }
}

function prefixName({ prefixes }: KeyBook, number: number): string {
  return [...prefixes.entries()].find(([, known]) => known === number)?.[0] ?? ''
}

describe('the keys of a sample', () => {
  it('have names and prefixes', () => {
    const { book } = bookOf(['user:1', 'user:2', 'img/1', 'user:1', 'plain'])
    expect([0, 1, 2, 3].map((key) => book.nameOf(key))).toEqual([
      'user:1',
      'user:2',
      'img/1',
      'plain',
    ])
    const prefixes = [0, 1, 2, 3].map((key) => prefixName(book, book.prefixOf(key)))
    expect(prefixes).toEqual(['user:', 'user:', 'img/', ''])
  })

  it('that are numbers have names and no prefix', () => {
    const { book } = bookOf([7, 8, 7])
    expect([book.named, book.nameOf(1), book.prefixOf(1)]).toEqual([2, '8', NO_PREFIX])
    expect(book.prefixes.count).toBe(1)
  })

  it('keep theirs when others are dropped', () => {
    const keys = Array.from({ length: 3 * MAX_NAMES }, (_, index) => `${index % 9}:key${index}`)
    const { book, sample } = bookOf(keys, 5000)
    expect(sample.keys).toBeLessThanOrEqual(5000)
    const lengths = Array.from({ length: sample.keys }, (_, key) => sample.keyLengths[key])
    const named = Array.from({ length: book.named }, (_, key) => book.nameOf(key))
    expect(named.length).toBeGreaterThan(100)
    expect(named.map((name) => name.length)).toEqual(lengths.slice(0, named.length))
    named.forEach((name, key) => {
      expect(prefixName(book, book.prefixOf(key))).toBe(name.slice(0, 2))
    })
  })
})
