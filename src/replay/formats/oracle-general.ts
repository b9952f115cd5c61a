/**
 * libCacheSim's oracleGeneral: little-endian records of 24 bytes.
 *
 *   0        4                12      16                24
 *   +--------+----------------+-------+-----------------+
 *   | u32    | u64            | u32   | i64             |
 *   | time s | key            | bytes | next access     |
 *   +--------+----------------+-------+-----------------+
 */
import { type AccessBlock, NO_TTL, READ } from '../access.js'
import type { TraceFormat } from './format.js'
import { RecordReader } from './record-reader.js'

const RECORD_BYTES = 24
const MS_PER_SECOND = 1000
/** High words below this leave the key a number that is exact. */
const EXACT_HIGH = 2 ** 21
const LOOKED_AT_RECORDS = 40
/** A trace whose first records are further apart than this is something else. */
const PLAUSIBLE_STEP_SECONDS = 7 * 24 * 3600
const PLAUSIBLE_ACCESSES = 2n ** 40n

function record(bytes: Buffer, offset: number, block: AccessBlock): void {
  const low = bytes.readUInt32LE(offset + 4)
  const high = bytes.readUInt32LE(offset + 8)
  const timeMs = bytes.readUInt32LE(offset) * MS_PER_SECOND
  const sizeBytes = bytes.readUInt32LE(offset + 12)
  if (high < EXACT_HIGH) {
    block.pushNumber(high * 2 ** 32 + low, sizeBytes, timeMs, NO_TTL, READ)
  } else {
    block.push(String(bytes.readBigUInt64LE(offset + 4)), sizeBytes, timeMs, NO_TTL, READ)
  }
}

function recognise(head: Buffer): boolean {
  const records = Math.min(LOOKED_AT_RECORDS, Math.floor(head.length / RECORD_BYTES))
  let previousTime = records > 0 ? head.readUInt32LE(0) : 0
  for (let index = 0; index < records; index++) {
    const offset = index * RECORD_BYTES
    const time = head.readUInt32LE(offset)
    const nextAccess = head.readBigInt64LE(offset + 16)
    if (time < previousTime || time - previousTime > PLAUSIBLE_STEP_SECONDS) return false
    if (nextAccess < -2n || nextAccess > PLAUSIBLE_ACCESSES) return false
    if (nextAccess >= 0n && nextAccess <= BigInt(index)) return false
    previousTime = time
  }
  return records > 1
}

export const oracleGeneralFormat: TraceFormat = {
  name: 'oracleGeneral',
  summary: "libCacheSim's oracleGeneral: binary records of 24 bytes (.oracleGeneral)",
  endings: ['oraclegeneral', 'oraclegeneral.bin'],
  recognise,
  hasTime: () => true,
  createParser: (_options, report) => new RecordReader(RECORD_BYTES, record, report),
}
