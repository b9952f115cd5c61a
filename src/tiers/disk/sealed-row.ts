/**
 * The checksum in front of every row that says something of its own: 4 bytes, little-endian, CRC-32 of the rest of
 * the row and of its key. The index of expiry has none: what it says is compared with the entry.
 *
 * Why with the key: a changed bit in a key would put its row under another.
 */
import { checksumOf } from '../../cache/checksum.js'

export const CHECKSUM_BYTES = 4

/** Writes the checksum into the first bytes of a row that is complete otherwise. */
export function seal(key: Buffer, row: Buffer): Buffer {
  row.writeUInt32LE(checksum(key, row), 0)
  return row
}

export function isWhole(key: Buffer, row: Buffer): boolean {
  return row.length >= CHECKSUM_BYTES && row.readUInt32LE(0) === checksum(key, row)
}

function checksum(key: Buffer, row: Buffer): number {
  return (checksumOf(key) ^ checksumOf(row.subarray(CHECKSUM_BYTES))) >>> 0
}
