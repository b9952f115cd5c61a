/**
 * Globs over keys, as Redis has them: what `deleteByPattern` takes.
 *
 *     *        any characters, none included; crosses ':', '/' and line ends
 *     ?        one character
 *     [abc]    one of these; ranges `[a-z]`; all but these `[^a-z]`
 *     \        the next character as it is, also within a class
 *
 * 1. A pattern matches whole keys, never parts of them.
 * 2. A character is a code point, so that `?` takes an emoji and `[😀-😎]` is a range; a surrogate
 *    without its partner is a character of its own, and never half of another.
 * 3. Every string is a pattern. What Redis leaves open is read kindly: a class that nobody closes
 *    ends with the pattern, `[]` matches nothing, `[^]` any character, a range may stand backwards,
 *    a `-` that is first or last in its class and a `\` that is last in the pattern are themselves.
 * 4. Nothing backtracks. A pattern is cut at its stars into pieces, and every piece is taken where
 *    it first fits: later would leave less for the rest. Patterns may come from outside.
 *
 * Costs: linear in the key for literal pieces, found by the runtime's own search. A piece between
 * two stars that has `?` or classes is tried at each position, so such a piece is bounded
 * (MAX_SEARCHED_TOKENS); pieces at either end of the pattern are tried once.
 *
 * Why no package: picomatch and minimatch stop `*` at '/', and have braces and extglobs that a key
 * would trip over; those that follow Redis translate to a RegExp, which backtracks.
 */
import { InvalidOptionError } from './errors.js'

export interface KeyPattern {
  /** What each matching key begins with, by code units: a cheap first test. */
  readonly prefix: string
  /** Whether the whole key matches. */
  test(key: string): boolean
}

/** Twice the longest key: one that is escaped throughout. */
const MAX_PATTERN_LENGTH = 131_072
const MAX_SEARCHED_TOKENS = 1024

const MAX_CODE_POINT = 0x10ffff
const NO_MATCH = -1

/** One character of a pattern: a code point, or a set of them. */
type Token = number | CodePointSet

/** Sorted, disjoint, inclusive: first, last, first, last, ... */
type CodePointSet = readonly number[]

const ANY_CHARACTER: CodePointSet = [0, MAX_CODE_POINT]

/** What stands between two stars. It always matches the same number of code points. */
interface Piece {
  /** The index after this piece where it begins at `start`, or NO_MATCH. */
  matchAt(key: string, start: number): number
  /** The same for the first place from `start` on where it fits. */
  search(key: string, start: number): number
  /** Whether the key ends with this piece, which begins at `start` or later. */
  endsKey(key: string, start: number): boolean
}

/** @throws InvalidOptionError where the pattern is no string, or one too long to be searched for */
export function compilePattern(glob: string): KeyPattern {
  if (typeof glob !== 'string' || glob.length > MAX_PATTERN_LENGTH) {
    throw new InvalidOptionError('pattern', glob, `a string of up to ${MAX_PATTERN_LENGTH} units`)
  }
  const tokensOfPieces = parse(glob)
  const prefix = literalPrefix(tokensOfPieces[0])
  const pieces = tokensOfPieces.map(createPiece)
  checkSearched(glob, pieces)

  const first = pieces[0]
  if (pieces.length === 1) {
    return { prefix, test: (key) => first.matchAt(key, 0) === key.length }
  }
  const last = pieces[pieces.length - 1]
  const middle = pieces.slice(1, -1)
  return {
    prefix,
    test(key) {
      let end = first.matchAt(key, 0)
      for (const piece of middle) {
        if (end === NO_MATCH) return false
        end = piece.search(key, end)
      }
      return end !== NO_MATCH && last.endsKey(key, end)
    },
  }
}

/** A pattern that matches this text only. */
export function escapePattern(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}

// Parsing

/** The tokens of every piece, in order: one piece more than there are stars. */
function parse(glob: string): Token[][] {
  let tokens: Token[] = []
  const pieces = [tokens]
  let position = 0
  while (position < glob.length) {
    const character = glob[position]
    if (character === '*') {
      // Why: a run of stars is one star, and an empty piece would only be work.
      if (tokens.length > 0 || pieces.length === 1) {
        tokens = []
        pieces.push(tokens)
      }
      position++
    } else if (character === '?') {
      tokens.push(ANY_CHARACTER)
      position++
    } else if (character === '[') {
      position = parseClass(glob, position + 1, tokens)
    } else {
      if (character === '\\' && position + 1 < glob.length) position++
      const codePoint = glob.codePointAt(position) as number
      pushLiteral(tokens, codePoint)
      position += unitsOf(codePoint)
    }
  }
  return pieces
}

/** Why: a backslash between the halves of a pair leaves the pair whole, in the key as well. */
function pushLiteral(tokens: Token[], codePoint: number): void {
  const previous = tokens[tokens.length - 1]
  if (typeof previous === 'number' && isHighSurrogate(previous) && isLowSurrogate(codePoint)) {
    tokens[tokens.length - 1] = String.fromCharCode(previous, codePoint).codePointAt(0) as number
  } else {
    tokens.push(codePoint)
  }
}

/** @returns the index after the class whose `[` stands right before `start` */
function parseClass(glob: string, start: number, tokens: Token[]): number {
  const isNegated = glob[start] === '^'
  let position = isNegated ? start + 1 : start
  const ranges: [number, number][] = []
  while (position < glob.length && glob[position] !== ']') {
    const from = readMember(glob, position)
    position = from.end
    const isRange =
      glob[position] === '-' && position + 1 < glob.length && glob[position + 1] !== ']'
    const to = isRange ? readMember(glob, position + 1) : from
    position = to.end
    ranges.push([Math.min(from.codePoint, to.codePoint), Math.max(from.codePoint, to.codePoint)])
  }
  const set = mergeRanges(ranges)
  tokens.push(isNegated ? invert(set) : set)
  return position + 1
}

function readMember(glob: string, position: number): { codePoint: number; end: number } {
  const start = glob[position] === '\\' && position + 1 < glob.length ? position + 1 : position
  const codePoint = glob.codePointAt(start) as number
  return { codePoint, end: start + unitsOf(codePoint) }
}

function mergeRanges(ranges: [number, number][]): CodePointSet {
  ranges.sort((a, b) => a[0] - b[0])
  const merged: number[] = []
  for (const [first, last] of ranges) {
    const lastIndex = merged.length - 1
    if (lastIndex > 0 && first <= merged[lastIndex] + 1) {
      merged[lastIndex] = Math.max(merged[lastIndex], last)
    } else {
      merged.push(first, last)
    }
  }
  return merged
}

function invert(set: CodePointSet): CodePointSet {
  const inverted: number[] = []
  let next = 0
  for (let index = 0; index < set.length; index += 2) {
    if (set[index] > next) inverted.push(next, set[index] - 1)
    next = set[index + 1] + 1
  }
  if (next <= MAX_CODE_POINT) inverted.push(next, MAX_CODE_POINT)
  return inverted
}

function literalPrefix(tokens: readonly Token[]): string {
  let prefix = ''
  for (const token of tokens) {
    if (typeof token !== 'number') break
    prefix += String.fromCodePoint(token)
  }
  return prefix
}

// Matching

class LiteralPiece implements Piece {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  matchAt(key: string, start: number): number {
    return key.startsWith(this.#text, start) ? start + this.#text.length : NO_MATCH
  }

  search(key: string, start: number): number {
    const found = key.indexOf(this.#text, start)
    return found === -1 ? NO_MATCH : found + this.#text.length
  }

  endsKey(key: string, start: number): boolean {
    return key.length - this.#text.length >= start && key.endsWith(this.#text)
  }
}

class TokenPiece implements Piece {
  readonly tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  matchAt(key: string, start: number): number {
    let position = start
    for (const token of this.tokens) {
      if (position >= key.length) return NO_MATCH
      const codePoint = key.codePointAt(position) as number
      if (!matches(token, codePoint)) return NO_MATCH
      position += unitsOf(codePoint)
    }
    return position
  }

  search(key: string, start: number): number {
    const lastStart = key.length - this.tokens.length
    let position = start
    while (position <= lastStart) {
      const end = this.matchAt(key, position)
      if (end !== NO_MATCH) return end
      position += unitsOf(key.codePointAt(position) as number)
    }
    return NO_MATCH
  }

  endsKey(key: string, start: number): boolean {
    let position = key.length
    for (let count = this.tokens.length; count > 0; count--) {
      if (position <= start) return false
      position -= startsPair(key, position - 2) ? 2 : 1
    }
    return position >= start && this.matchAt(key, position) === key.length
  }
}

/**
 * Why the second condition: a text that begins with the second half of a pair, or ends with the
 * first, could be found across the middle of a character; all others are only found whole.
 */
function createPiece(tokens: readonly Token[]): Piece {
  const text = literalPrefix(tokens)
  const isLiteral = tokens.every((token) => typeof token === 'number')
  const cutsPairs =
    isLowSurrogate(text.charCodeAt(0)) || isHighSurrogate(text.charCodeAt(text.length - 1))
  return isLiteral && !cutsPairs ? new LiteralPiece(text) : new TokenPiece(tokens)
}

function checkSearched(glob: string, pieces: readonly Piece[]): void {
  for (const piece of pieces.slice(1, -1)) {
    if (piece instanceof TokenPiece && piece.tokens.length > MAX_SEARCHED_TOKENS) {
      throw new InvalidOptionError(
        'pattern',
        glob,
        `at most ${MAX_SEARCHED_TOKENS} characters between two stars where some are '?' or classes`,
      )
    }
  }
}

function matches(token: Token, codePoint: number): boolean {
  if (typeof token === 'number') return token === codePoint
  let low = 0
  let high = token.length >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (codePoint > token[2 * middle + 1]) low = middle + 1
    else high = middle
  }
  return 2 * low < token.length && codePoint >= token[2 * low]
}

function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1
}

function startsPair(key: string, index: number): boolean {
  return (
    index >= 0 &&
    isHighSurrogate(key.charCodeAt(index)) &&
    isLowSurrogate(key.charCodeAt(index + 1))
  )
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
