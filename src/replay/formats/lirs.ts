/** The traces of the LIRS paper: one block number a line; lines that begin with `*` are marks. */
import { NO_TTL, READ, UNKNOWN_SIZE, UNKNOWN_TIME } from '../access.js'
import { isBlank, NOT_A_NUMBER, readUnsigned } from './bytes.js'
import type { ParserReport, TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'

const ASTERISK = 42

function lirsLine(report: ParserReport): LineParser {
  return {
    line(bytes, start, end, block) {
      while (start < end && isBlank(bytes[start])) start++
      while (end > start && isBlank(bytes[end - 1])) end--
      if (start === end || bytes[start] === ASTERISK) {
        report.skipped()
        return undefined
      }
      const number = readUnsigned(bytes, start, end)
      if (number === NOT_A_NUMBER) return 'not a block number'
      block.pushNumber(number, UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ)
      return undefined
    },
  }
}

export const lirsFormat: TraceFormat = {
  name: 'lirs',
  summary: 'LIRS: one block number a line, lines with * ignored (.lirs)',
  endings: ['lirs'],
  hasTime: () => false,
  createParser: (_options, report) => new LineReader(lirsLine(report), report),
}
