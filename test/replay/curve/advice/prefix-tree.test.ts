/** Which prefixes keys have, and which stay where there are too many. */
import { describe, expect, it } from 'vitest'
import {
  MAX_PREFIXES,
  NO_PREFIX,
  PrefixTree,
} from '../../../../src/replay/curve/advice/prefix-tree.js'

function prefixesOf(...keys: string[]): string[] {
  const tree = new PrefixTree()
  for (const key of keys) tree.add(key)
  return [...tree.entries()].map(([prefix]) => prefix)
}

describe('the prefixes of a key', () => {
  it.each([
    ['user:42', ['user:']],
    ['user:42:profile', ['user:', 'user:42:']],
    ['/img/icons/a.png', ['/img/', '/img/icons/']],
    ['https://host/search?q=a', ['https://', 'https://host/', 'https://host/search?']],
    ['a|b#c', ['a|', 'a|b#']],
    ['user:', []],
    ['/index.html', []],
    ['12345', []],
    ['', []],
    ['://', []],
    ['a:b:c:d:e:f', ['a:', 'a:b:', 'a:b:c:', 'a:b:c:d:']],
  ])('of %j are %j', (key, prefixes) => {
    expect(prefixesOf(key)).toEqual(prefixes)
  })

  it('are made once, above ones first', () => {
    const tree = new PrefixTree()
    const numbers = ['a:b:1', 'a:c:1', 'a:b:2', 'a:1', '1'].map((key) => tree.add(key))
    expect(numbers[2]).toBe(numbers[0])
    expect(tree.parentOf(numbers[0])).toBe(numbers[3])
    expect(numbers[4]).toBe(NO_PREFIX)
    for (const [, number] of tree.entries()) expect(tree.parentOf(number)).toBeLessThan(number)
  })
})

describe('more prefixes than there is room for', () => {
  it('are folded into those above, and heavy ones stay', () => {
    const tree = new PrefixTree()
    const heavy = tree.add('session:heavy:0')
    const light = tree.add('user:0:profile')
    for (let user = 1; user < MAX_PREFIXES * 3; user++) {
      tree.add(`user:${user}:profile`)
      if (user % 10 === 0) tree.add(`session:heavy:${user}`)
    }
    const left = new Map(tree.entries())
    expect(left.size).toBeLessThanOrEqual(MAX_PREFIXES)
    expect(left.get('session:heavy:')).toBe(heavy)
    expect(tree.resolve(heavy)).toBe(heavy)
    expect(tree.resolve(light)).toBe(left.get('user:'))
  })

  it('never leaves one whose prefix above is gone', () => {
    const tree = new PrefixTree()
    for (let key = 0; key < MAX_PREFIXES * 4; key++) tree.add(`${key % 5000}:${key % 7}:${key}`)
    for (const [, number] of tree.entries()) {
      const above = tree.parentOf(number)
      expect(tree.resolve(above)).toBe(above)
    }
  })
})
