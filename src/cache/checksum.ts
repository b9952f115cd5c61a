/**
 * CRC-32, as zip, gzip and PNG have it. Node's own where there is one (20.15, 22.2), some 10 GB/s; else a
 * table of 256 words, 0.6 GB/s.
 */
import { requireBuiltin } from '../engine/builtins.js'

type Checksum = (bytes: Uint8Array) => number

const POLYNOMIAL = 0xedb88320

let chosen: Checksum | undefined

/** From 0 to 2^32 - 1. */
export function checksumOf(bytes: Uint8Array): number {
  chosen ??= nativeChecksum() ?? tableChecksum()
  return chosen(bytes)
}

function nativeChecksum(): Checksum | undefined {
  return (requireBuiltin('node:zlib') as { crc32?: Checksum }).crc32
}

export function tableChecksum(): Checksum {
  const table = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let word = byte
    for (let bit = 0; bit < 8; bit++) word = (word >>> 1) ^ ((word & 1) * POLYNOMIAL)
    table[byte] = word
  }
  return (bytes) => {
    let word = -1
    for (let at = 0; at < bytes.length; at++) word = table[(word ^ bytes[at]) & 0xff] ^ (word >>> 8)
    return ~word >>> 0
  }
}
