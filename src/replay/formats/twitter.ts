/**
 * Twitter's cache clusters: `timestamp,key,key size,value size,client,operation,TTL`.
 *
 * Times and TTLs are seconds. `get`, `gets`, `incr` and `decr` read, `delete` deletes, the other
 * operations write. The key may contain commas, so the last five fields are found from the right.
 * J. Yang, Y. Yue, K. V. Rashmi, A large scale analysis of hundreds of in-memory cache clusters at
 * Twitter, OSDI 2020.
 */

import { type AccessBlock, DELETE, READ, WRITE } from '../access.js'
import { latin1 } from '../latin1.js'
import { COMMA, find, isBlank, NOT_A_NUMBER, readDecimal, readUnsigned } from './bytes.js'
import type { TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'
import { mostLines } from './recognise.js'

const MS_PER_SECOND = 1000
/** The fields after the key: key size, value size, client, operation, TTL. */
const FIELDS_AFTER_KEY = 5

const OPERATIONS = new Map<string, number>([
  ['get', READ],
  ['gets', READ],
  ['incr', READ],
  ['decr', READ],
  ['set', WRITE],
  ['add', WRITE],
  ['replace', WRITE],
  ['cas', WRITE],
  ['append', WRITE],
  ['prepend', WRITE],
  ['delete', DELETE],
])

class TwitterLine implements LineParser {
  /** Where the commas before the last five fields stand, and the line's end. */
  private readonly commas = new Int32Array(FIELDS_AFTER_KEY + 1)

  line(bytes: Buffer, start: number, end: number, block: AccessBlock): string | undefined {
    while (end > start && isBlank(bytes[end - 1])) end--
    const keyStart = find(bytes, COMMA, start, end) + 1
    if (keyStart > end || !this.findCommas(bytes, keyStart, end)) return 'fewer than seven fields'
    const { commas } = this

    const timeSeconds = readDecimal(bytes, start, keyStart - 1)
    const sizeBytes = readUnsigned(bytes, commas[1] + 1, commas[2])
    const ttlSeconds = readDecimal(bytes, commas[4] + 1, commas[5])
    const operation = OPERATIONS.get(latin1(bytes, commas[3] + 1, commas[4]))
    if (timeSeconds === NOT_A_NUMBER) return 'the timestamp is not a number'
    if (sizeBytes === NOT_A_NUMBER) return 'the value size is not a number'
    if (ttlSeconds === NOT_A_NUMBER) return 'the TTL is not a number'
    if (operation === undefined) return 'an unknown operation'

    const timeMs = timeSeconds * MS_PER_SECOND
    const ttlMs = ttlSeconds * MS_PER_SECOND
    block.pushBytes(bytes, keyStart, commas[0], sizeBytes, timeMs, ttlMs, operation)
    return undefined
  }

  private findCommas(bytes: Buffer, start: number, end: number): boolean {
    this.commas[FIELDS_AFTER_KEY] = end
    let at = end
    for (let index = FIELDS_AFTER_KEY - 1; index >= 0; index--) {
      at--
      while (at >= start && bytes[at] !== COMMA) at--
      if (at < start) return false
      this.commas[index] = at
    }
    return true
  }
}

function isTwitterLine(line: string): boolean {
  const fields = line.split(',')
  return fields.length >= 7 && OPERATIONS.has(fields[fields.length - 2])
}

export const twitterFormat: TraceFormat = {
  name: 'twitter',
  summary: "Twitter's: timestamp,key,key size,value size,client,operation,TTL",
  endings: [],
  recognise: (head) => mostLines(head, isTwitterLine),
  hasTime: () => true,
  createParser: (_options, report) => new LineReader(new TwitterLine(), report),
}
