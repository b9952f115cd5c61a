/**
 * The layout of hotset's own trace files (.hst), for those that write them and those that read them.
 * docs/trace-format.md says the same for other programs.
 *
 * A file is blocks, one after the other, each of which can be read without the others:
 *
 *   0         4    5    6       8         12        16       20       24       32      40      44      48
 *   +---------+----+----+-------+---------+---------+--------+--------+--------+-------+-------+-------+----
 *   | magic   | u8 | u8 | u16   | u32     | u32     | u32    | u32    | f64    | u64   | f32   | u32   | ...
 *   | 89 HST  | v. | key| header| payload | records | CRC-32 | thread | time   | key   | share | block | records
 *   |         |    | kind bytes | bytes   |         |        |        | ms     | set   | of keys number|
 *   +---------+----+----+-------+---------+---------+--------+--------+--------+-------+-------+-------+----
 *
 * A record is
 *
 *   u8 head | time: varint | key | size: varint | lifetime: varint
 *
 * 1. All numbers are little-endian; a varint is unsigned LEB128 of at most 53 bits, and may be padded.
 * 2. What of a record is there besides head and key, the bits of the head say.
 * 3. The CRC is that of the whole block with zeros in the CRC's own place.
 */

export const BLOCK_MAGIC = Buffer.of(0x89, 0x48, 0x53, 0x54)
export const TRACE_VERSION = 1

export const AT_VERSION = 4
export const AT_KEY_KIND = 5
export const AT_HEADER_BYTES = 6
export const AT_PAYLOAD_BYTES = 8
export const AT_RECORDS = 12
export const AT_CHECKSUM = 16
export const AT_THREAD = 20
export const AT_TIME = 24
export const AT_KEY_SET = 32
export const AT_SHARE = 40
export const AT_NUMBER = 44
export const HEADER_BYTES = 48

/** A larger payload is no block but damage. */
export const MAX_PAYLOAD_BYTES = 2 ** 20

/** 8 bytes of a keyed hash. */
export const KEY_HASH = 0
/** The key itself: its length as a varint, then UTF-8. */
export const KEY_TEXT = 1
/** A varint: generated traces. */
export const KEY_NUMBER = 2

/** In the head: what was done, ... */
export const HEAD_OPERATION = 0x03
export const HEAD_READ = 0
export const HEAD_WRITE = 1
export const HEAD_DELETE = 2
/** ... whether a read was answered, ... */
export const HEAD_HIT = 0x04
/** ... and what else the record has: microseconds since the record before, ... */
export const HEAD_TIME = 0x08
/** ... bytes of the value and 1, or 0 where they are not known, ... */
export const HEAD_SIZE = 0x10
/** ... milliseconds to live; 0: none. */
export const HEAD_TTL = 0x20
/** Not used by this version. */
export const HEAD_UNKNOWN = 0xc0

/** As long as any varint of 53 bits. */
export const MAX_VARINT_BYTES = 8
export const US_PER_MS = 1000

/** 65,536 characters of two bytes, and a word. */
export const MAX_KEY_BYTES = 2 ** 17 + 4
