/**
 * Key patterns against a plain reference: a dynamic programme over code points that knows nothing
 * of pieces, prefixes or code units. Adversarial patterns are held to a number of milliseconds that
 * only a matcher that backtracks would need.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../src/cache/errors.js'
import { compilePattern, escapePattern } from '../../src/cache/key-pattern.js'

const A_15K = 'a'.repeat(15_000)

function matches(glob: string, key: string): boolean {
  return compilePattern(glob).test(key)
}

describe('compilePattern', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['user:1', 'user:1', true],
    ['user:1', 'user:12', false],
    ['user:1', 'xuser:1', false],
    ['*', '', true],
    ['*', 'a:b/c\nd\u2028e', true],
    ['***', 'abc', true],
    ['user:*', 'user:', true],
    ['user:*:name', 'user:1:2:name', true],
    ['user:*:name', 'user:name', false],
    ['*:name', 'user:1:name', true],
    ['*:name', 'user:1:names', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'xxbxxaxx', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['?', '\n', true],
    ['??*', 'a', false],
    ['h[ae]llo', 'hallo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['h[a-c]llo', 'hdllo', false],
    ['*[0-9]?x*', 'ab12x', true],
    ['*[0-9]', 'ab12', true],
    ['*[0-9]', 'ab1x', false],
    ['a.b', 'axb', false],
    ['(a|b)+{2}$', '(a|b)+{2}$', true],
  ])('%j on %j is %s', (glob, key, expected) => {
    expect(matches(glob, key)).toBe(expected)
  })

  it.each([
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\?c', 'a?c', true],
    ['a\\?c', 'abc', false],
    ['\\[a]', '[a]', true],
    ['\\\\', '\\', true],
    ['\\a', 'a', true],
    ['[\\]]', ']', true],
    ['[\\^a]', '^', true],
    ['[a\\-c]', '-', true],
    ['[a\\-c]', 'b', false],
    ['[\\[-\\]]', '\\', true],
  ])('takes the character after a backslash as it is: %j on %j is %s', (glob, key, expected) => {
    expect(matches(glob, key)).toBe(expected)
  })

  it.each([
    ['[]', '', false],
    ['[]', ']', false],
    ['[^]', 'x', true],
    ['[^]', '', false],
    ['[ab', 'b', true],
    ['[ab', '[ab', false],
    ['[', 'x', false],
    ['x]', 'x]', true],
    ['[-a]', '-', true],
    ['[a-]', '-', true],
    ['[a-]', 'b', false],
    ['[a^]', '^', true],
    ['a\\', 'a\\', true],
    ['[a\\', '\\', true],
  ])('reads kindly what Redis leaves open: %j on %j is %s', (glob, key, expected) => {
    expect(matches(glob, key)).toBe(expected)
  })

  it.each([
    ['a?c', 'a😀c', true],
    ['a??c', 'a😀c', false],
    ['[😀-😎]', '😃', true],
    ['[^😀]', '😃', true],
    ['[^😀]', '😀', false],
    ['*😀', 'x😀', true],
    ['*?', '😀', true],
    ['\ud83d*', '😀', false],
    ['*\ude00', '😀', false],
    ['*\ude00*', 'x😀', false],
    ['*\ude00*', 'x😀\ude00', true],
    ['*\ud83d*', '😀\ud83d', true],
    ['?', '\ud83d', true],
    ['?', '\ude00', true],
    ['??', '\ude00\ud83d', true],
    ['[\ud800-\udbff]', '\ud83d', true],
    ['[^a]*', '\udc00', true],
    ['\ud83d\\\ude00', '😀', true],
    ['*\ud83d\\\ude00?*', 'x😀y', true],
  ])('counts in code points, lone surrogates included: %j on %j is %s', (glob, key, expected) => {
    expect(matches(glob, key)).toBe(expected)
  })

  it.each([
    ['user:*', 'user:'],
    ['user:\\*:?', 'user:*:'],
    ['us[e]r', 'us'],
    ['*', ''],
    ['plain', 'plain'],
    ['😀*', '😀'],
  ])('finds the literal beginning of %j', (glob, prefix) => {
    expect(compilePattern(glob).prefix).toBe(prefix)
  })

  it('agrees with a plain reference on random patterns and keys', () => {
    const character = fc.constantFrom('a', 'b', ':', '-', ']', '^', '😀', '\ud83d', '\ude00', '\n')
    const globPart = fc.oneof(
      { weight: 3, arbitrary: character },
      {
        weight: 2,
        arbitrary: fc.constantFrom('*', '?', '\\', '[', '[^', '[a-b]', '[^a]', '[a😀]'),
      },
    )
    const glob = fc.array(globPart, { maxLength: 10 }).map((parts) => parts.join(''))
    const key = fc.array(character, { maxLength: 10 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(glob, key, (someGlob, someKey) => {
        const pattern = compilePattern(someGlob)
        const isMatch = pattern.test(someKey)
        expect(isMatch).toBe(referenceMatch(someGlob, someKey))
        if (isMatch) expect(someKey.startsWith(pattern.prefix)).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  it('matches exactly the text that was escaped', () => {
    const text = fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '\\', '^', '-', 'a', '😀') })
    fc.assert(
      fc.property(text, text, (escaped, other) => {
        const pattern = compilePattern(escapePattern(escaped))
        expect(pattern.prefix).toBe(escaped)
        expect(pattern.test(escaped)).toBe(true)
        expect(pattern.test(other)).toBe(other === escaped)
      }),
    )
  })

  it.each([
    ['many stars', '*a'.repeat(1000), 'a'.repeat(999)],
    ['many stars and a wrong end', `${'a*'.repeat(500)}b`, 'a'.repeat(60_000)],
    ['many stars with wildcards', `${'*?a'.repeat(500)}b`, 'a'.repeat(60_000)],
    ['a long piece that nearly fits', `*${'a'.repeat(30_000)}b*`, 'a'.repeat(60_000)],
    ['a long piece that nearly fits from the end', `*b${'a'.repeat(30_000)}*`, 'a'.repeat(60_000)],
    ['a long piece that nearly fits twice', `*${A_15K}b${A_15K}*`, A_15K.repeat(4)],
    ['a long searched piece', `*${'[ab]'.repeat(1023)}c*`, 'a'.repeat(60_000)],
    ['a long piece at the end', `*${'?'.repeat(30_000)}b`, 'a'.repeat(60_000)],
    ['a wide class', `*[${'abcdefghijklmnop'.repeat(4000)}]x*`, 'a'.repeat(60_000)],
  ])('does not blow up on %s', (_name, glob, key) => {
    const pattern = compilePattern(glob)
    const startMs = performance.now()
    expect(pattern.test(key)).toBe(false)
    expect(performance.now() - startMs).toBeLessThan(5000)
  })

  it('refuses what would take too long to search for', () => {
    expect(() => compilePattern(`*${'?'.repeat(1025)}*`)).toThrow(InvalidOptionError)
    expect(() => compilePattern('a'.repeat(131_073))).toThrow(InvalidOptionError)
    expect(() => compilePattern(7 as unknown as string)).toThrow(InvalidOptionError)
  })

  it('takes pieces of any length at the ends of a pattern', () => {
    const glob = `${'?'.repeat(2000)}*${'[a]'.repeat(2000)}`
    expect(matches(glob, `${'b'.repeat(2000)}${'a'.repeat(2000)}`)).toBe(true)
    expect(matches(glob, `${'b'.repeat(2000)}${'a'.repeat(1999)}`)).toBe(false)
  })
})

type Atom = '*' | ((codePoint: number) => boolean)

function referenceMatch(glob: string, key: string): boolean {
  const symbols = referenceAtoms([...glob.replaceAll(/(\ud83d)\\(\ude00)/g, '$1$2')])
  const points = [...key].map((character) => character.codePointAt(0) as number)
  let reachable = new Array<boolean>(points.length + 1).fill(false)
  reachable[0] = true
  for (const symbol of symbols) {
    const next = new Array<boolean>(points.length + 1).fill(false)
    for (let index = 0; index <= points.length; index++) {
      if (symbol === '*') next[index] = reachable[index] || (index > 0 && next[index - 1])
      else next[index] = index > 0 && reachable[index - 1] && symbol(points[index - 1])
    }
    reachable = next
  }
  return reachable[points.length]
}

function referenceAtoms(characters: string[]): Atom[] {
  const symbols: Atom[] = []
  const take = (): string => characters.shift() as string
  const isNext = (character: string): boolean => characters[0] === character
  const takeEscaped = (): string => {
    const character = take()
    return character === '\\' && characters.length > 0 ? take() : character
  }
  while (characters.length > 0) {
    if (isNext('*')) {
      take()
      symbols.push('*')
    } else if (isNext('?')) {
      take()
      symbols.push(() => true)
    } else if (isNext('[')) {
      take()
      const isNegated = isNext('^')
      if (isNegated) take()
      const tests: ((codePoint: number) => boolean)[] = []
      while (characters.length > 0 && !isNext(']')) {
        const from = takeEscaped().codePointAt(0) as number
        let to = from
        if (isNext('-') && characters.length > 1 && characters[1] !== ']') {
          take()
          to = takeEscaped().codePointAt(0) as number
        }
        tests.push((point) => point >= Math.min(from, to) && point <= Math.max(from, to))
      }
      take()
      symbols.push((point) => tests.some((test) => test(point)) !== isNegated)
    } else {
      const wanted = takeEscaped().codePointAt(0) as number
      symbols.push((point) => point === wanted)
    }
  }
  return symbols
}
