/** Runs a parser over bytes, cut into chunks anywhere, and returns what it found. */
import { AccessBlock } from '../../src/replay/access.js'
import type { FormatOptions } from '../../src/replay/formats/format.js'
import { formatNamed, settleOptions } from '../../src/replay/formats/index.js'

/** [key, sizeBytes, timeMs, ttlMs, operation] */
export type Row = [string, number, number, number, number]

export interface Parsed {
  rows: Row[]
  broken: [line: number, reason: string][]
  skipped: number
}

export function parse(
  formatName: string,
  content: string | Buffer,
  options: FormatOptions = {},
  chunkBytes = Number.MAX_SAFE_INTEGER,
): Parsed {
  const format = formatNamed(formatName)
  if (format === undefined) throw new Error(`no format ${formatName}`)
  const bytes = Buffer.from(content)
  const parsed: Parsed = { rows: [], broken: [], skipped: 0 }
  const parser = format.createParser(settleOptions(format, 'file', bytes, options), {
    broken: (line, reason) => parsed.broken.push([line, reason]),
    skipped: () => {
      parsed.skipped++
    },
  })
  const block = new AccessBlock()
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes)
    let offset = 0
    while (offset < chunk.length) {
      offset = parser.read(chunk, offset, block)
      if (block.full) take(block, parsed.rows)
    }
  }
  while (!parser.finish(block)) take(block, parsed.rows)
  take(block, parsed.rows)
  return parsed
}

export function take(block: AccessBlock, rows: Row[]): void {
  for (let index = 0; index < block.length; index++) {
    rows.push([
      block.keys[index],
      block.sizeBytes[index],
      block.timeMs[index],
      block.ttlMs[index],
      block.operations[index],
    ])
  }
  block.length = 0
}

export function keysOf(parsed: Parsed): string[] {
  return parsed.rows.map(([key]) => key)
}

/** A record of libCacheSim's oracleGeneral. */
export function oracleRecord(
  timeSeconds: number,
  key: bigint,
  sizeBytes: number,
  nextAccess: bigint,
): Buffer {
  const record = Buffer.alloc(24)
  record.writeUInt32LE(timeSeconds, 0)
  record.writeBigUInt64LE(key, 4)
  record.writeUInt32LE(sizeBytes, 12)
  record.writeBigInt64LE(nextAccess, 16)
  return record
}

export function bigEndian(...words: number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4)
  return bytes
}
