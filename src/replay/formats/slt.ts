/** Pairs of big-endian unsigned 32-bit numbers: the time in seconds, and the key. */
import { NO_TTL, READ, UNKNOWN_SIZE } from '../access.js'
import type { TraceFormat } from './format.js'
import { type RecordParser, RecordReader } from './record-reader.js'

const RECORD_BYTES = 8
const MS_PER_SECOND = 1000

const record: RecordParser = (bytes, offset, block) => {
  const timeMs = bytes.readUInt32BE(offset) * MS_PER_SECOND
  block.pushNumber(bytes.readUInt32BE(offset + 4), UNKNOWN_SIZE, timeMs, NO_TTL, READ)
}

export const sltFormat: TraceFormat = {
  name: 'slt',
  summary: 'binary: pairs of big-endian 32-bit numbers, seconds and key (.slt)',
  endings: ['slt'],
  hasTime: () => true,
  createParser: (_options, report) => new RecordReader(RECORD_BYTES, record, report),
}
