/** One big-endian unsigned 32-bit key a request. Cannot be told by looking at it. */
import { NO_TTL, READ, UNKNOWN_SIZE, UNKNOWN_TIME } from '../access.js'
import type { TraceFormat } from './format.js'
import { type RecordParser, RecordReader } from './record-reader.js'

const RECORD_BYTES = 4

const record: RecordParser = (bytes, offset, block) => {
  block.pushNumber(bytes.readUInt32BE(offset), UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ)
}

export const u32beFormat: TraceFormat = {
  name: 'u32be',
  summary: 'binary: one big-endian 32-bit key a request (.u32be)',
  endings: ['u32be'],
  hasTime: () => false,
  createParser: (_options, report) => new RecordReader(RECORD_BYTES, record, report),
}
