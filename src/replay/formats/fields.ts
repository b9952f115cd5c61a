/**
 * Cuts a line into fields, at a delimiter or at runs of white space.
 *
 * 1. Only positions are kept, in arrays that live as long as the splitter.
 * 2. A field in double quotes may contain the delimiter; the quotes are not part of it, and doubled
 *    quotes inside stay doubled.
 * 3. Fields past MAX_FIELDS are not looked at.
 */
import { find, isBlank, QUOTE } from './bytes.js'

export const MAX_FIELDS = 64
export const WHITESPACE = 'whitespace'

export class FieldSplitter {
  count = 0
  readonly starts = new Int32Array(MAX_FIELDS)
  readonly ends = new Int32Array(MAX_FIELDS)
  private readonly delimiter: number

  /** @param delimiter a single character, or WHITESPACE */
  constructor(delimiter: string) {
    this.delimiter = delimiter === WHITESPACE ? -1 : delimiter.charCodeAt(0)
  }

  split(bytes: Buffer, start: number, end: number): void {
    this.count = 0
    if (this.delimiter < 0) this.splitAtBlanks(bytes, start, end)
    else this.splitAtDelimiter(bytes, start, end)
  }

  private splitAtBlanks(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (this.count < MAX_FIELDS) {
      while (at < end && isBlank(bytes[at])) at++
      if (at === end) return
      const fieldStart = at
      while (at < end && !isBlank(bytes[at])) at++
      this.add(fieldStart, at)
    }
  }

  private splitAtDelimiter(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (this.count < MAX_FIELDS) {
      const quoted = at < end && bytes[at] === QUOTE
      const close = quoted ? closingQuote(bytes, at + 1, end) : at
      const next = find(bytes, this.delimiter, close, end)
      if (quoted && close < end) this.add(at + 1, close)
      else this.addTrimmed(bytes, at, next)
      if (next === end) return
      at = next + 1
    }
  }

  private addTrimmed(bytes: Buffer, start: number, end: number): void {
    while (start < end && isBlank(bytes[start])) start++
    while (start < end && isBlank(bytes[end - 1])) end--
    this.add(start, end)
  }

  private add(start: number, end: number): void {
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.count++
  }
}

/** Where the quoted field ends, or `end` where it never does. */
function closingQuote(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end) {
    if (bytes[at] !== QUOTE) at++
    else if (bytes[at + 1] === QUOTE && at + 1 < end) at += 2
    else return at
  }
  return end
}
