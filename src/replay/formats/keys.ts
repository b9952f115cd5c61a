/** One key a line: the whole line is the key. */

import { NO_TTL, READ, UNKNOWN_SIZE, UNKNOWN_TIME } from '../access.js'
import type { TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'

const keyLine: LineParser = {
  line(bytes, start, end, block) {
    block.pushBytes(bytes, start, end, UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ)
    return undefined
  },
}

export const keysFormat: TraceFormat = {
  name: 'keys',
  summary: 'one key a line',
  endings: ['keys'],
  hasTime: () => false,
  createParser: (_options, report) => new LineReader(keyLine, report),
}
