/**
 * How much a glob says, without matching it: what makes one pattern more specific than another, and whether it
 * is of a kind that can be looked up. The grammar is that of src/cache/key-pattern.ts.
 */
import { compilePattern, type KeyPattern } from '../../cache/key-pattern.js'

/** 'exact': one key; 'prefix': all keys that begin with `prefix`; 'general': whatever `test` says. */
export type GlobKind = 'exact' | 'prefix' | 'general'

export interface GlobShape {
  readonly kind: GlobKind
  readonly pattern: KeyPattern
  /** How many characters a key must have to match: all but the stars, literals in code units. */
  readonly leastLength: number
  /** Runs of stars, question marks and classes. */
  readonly wildcards: number
}

/** @throws InvalidOptionError as compilePattern does */
export function shapeOf(glob: string): GlobShape {
  const pattern = compilePattern(glob)
  let leastLength = 0
  let wildcards = 0
  let endsWithStar = false
  for (let position = 0; position < glob.length; position++) {
    const character = glob[position]
    const isStar = character === '*'
    if (isStar || character === '?') {
      if (!(isStar && endsWithStar)) wildcards++
      if (!isStar) leastLength++
    } else if (character === '[') {
      wildcards++
      leastLength++
      position = endOfClass(glob, position)
    } else {
      if (character === '\\' && position + 1 < glob.length) position++
      leastLength++
    }
    endsWithStar = isStar
  }
  return { kind: kindOf(pattern.prefix, wildcards, endsWithStar), pattern, leastLength, wildcards }
}

function kindOf(prefix: string, wildcards: number, endsWithStar: boolean): GlobKind {
  if (wildcards === 0) return 'exact'
  // Why not half a pair: a pattern takes characters, and `startsWith` would find half of another one.
  const cutsPair = /[\ud800-\udbff]$/.test(prefix)
  return wildcards === 1 && endsWithStar && !cutsPair ? 'prefix' : 'general'
}

/** The index of the bracket that closes the class, or of the last character. */
function endOfClass(glob: string, start: number): number {
  let position = start + 1
  while (position < glob.length && glob[position] !== ']') {
    position += glob[position] === '\\' ? 2 : 1
  }
  return Math.min(position, glob.length - 1)
}

/**
 * Below 0 where `a` is the more specific: with the longer literal prefix; else the one that asks for more
 * characters in all, so that `user:*` does not hide `user:*:name`; else with fewer wildcards. 0: neither.
 */
export function compareSpecificity(a: GlobShape, b: GlobShape): number {
  return (
    b.pattern.prefix.length - a.pattern.prefix.length ||
    b.leastLength - a.leastLength ||
    a.wildcards - b.wildcards
  )
}
