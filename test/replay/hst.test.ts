/** hotset's own trace format: what is written is read, and damage costs no more than the block it is in. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksumOf, tableChecksum } from '../../src/cache/checksum.js'
import { type BlockKind, blockBytes, TraceBlock } from '../../src/cache/trace/block.js'
import * as layout from '../../src/cache/trace/layout.js'
import { NO_TTL, READ, UNKNOWN_SIZE } from '../../src/replay/access.js'
import { detectFormat } from '../../src/replay/formats/index.js'
import { keysOf, parse, type Row } from './parse-helpers.js'

function kindOf(keyKind: number): BlockKind {
  return { keyKind, keySet: new Uint8Array(8), thread: 3, share: 0.5 }
}

/** A block of reads of these numbers, a millisecond apart. */
function numbers(...keys: number[]): Buffer {
  const block = new TraceBlock(blockBytes(layout.KEY_NUMBER))
  keys.forEach((key, index) => {
    block.beginAt(layout.HEAD_READ, 1000 + index)
    block.putVarint(key)
  })
  return Buffer.from(block.close(kindOf(layout.KEY_NUMBER), 0))
}

interface Access {
  operation: number
  isHit: boolean
  pauseUs: number
  key: number
  sizeBytes: number | undefined
  ttlMs: number
}

const access: fc.Arbitrary<Access> = fc.record({
  operation: fc.integer({ min: 0, max: 2 }),
  isHit: fc.boolean(),
  pauseUs: fc.oneof(
    fc.constant(0),
    fc.nat(),
    fc.maxSafeNat().map((us) => us % 1e12),
  ),
  key: fc.maxSafeNat(),
  sizeBytes: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
  ttlMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 42 })),
})

function write(accesses: readonly Access[], keyKind: number): { bytes: Buffer; rows: Row[] } {
  const block = new TraceBlock(blockBytes(layout.KEY_TEXT))
  const rows: Row[] = []
  let timeUs = 0
  for (const { operation, isHit, pauseUs, key, sizeBytes, ttlMs } of accesses) {
    timeUs += rows.length === 0 ? 0 : pauseUs
    const hasSize = sizeBytes === undefined ? 0 : layout.HEAD_SIZE
    const hasTtl = ttlMs === 0 ? 0 : layout.HEAD_TTL
    block.beginAt(operation | (isHit ? layout.HEAD_HIT : 0) | hasSize | hasTtl, timeUs / 1000)
    if (keyKind === layout.KEY_NUMBER) block.putVarint(key)
    else if (keyKind === layout.KEY_TEXT) block.putText(`key ${key}`)
    else block.putHash(key | 0, Math.floor(key / 2 ** 32))
    if (sizeBytes !== undefined) block.putVarint(sizeBytes + 1)
    if (ttlMs > 0) block.putPadded(ttlMs)
    rows.push([nameOf(key, keyKind), sizeBytes ?? UNKNOWN_SIZE, timeUs / 1000, ttlMs, operation])
  }
  return { bytes: Buffer.from(block.close(kindOf(keyKind), 0)), rows }
}

function nameOf(key: number, keyKind: number): string {
  if (keyKind === layout.KEY_NUMBER) return String(key)
  if (keyKind === layout.KEY_TEXT) return `key ${key}`
  const hash = Buffer.alloc(8)
  hash.writeInt32LE(key | 0, 0)
  hash.writeInt32LE(Math.floor(key / 2 ** 32), 4)
  return hash.toString('hex')
}

describe('a .hst file', () => {
  it.each([
    ['hashes', layout.KEY_HASH],
    ['text', layout.KEY_TEXT],
    ['numbers', layout.KEY_NUMBER],
  ])('comes back as it was written, keys as %s, in chunks cut anywhere', (_name, keyKind) => {
    const chunk = fc.integer({ min: 1, max: 400 })
    fc.assert(
      fc.property(fc.array(access, { maxLength: 40 }), chunk, (accesses, chunkBytes) => {
        const { bytes, rows } = write(accesses, keyKind)
        const parsed = parse('hst', bytes, {}, chunkBytes)
        expect(parsed.broken).toEqual([])
        expect(
          parsed.rows.map(([key, size, , ttl, operation]) => [key, size, ttl, operation]),
        ).toEqual(rows.map(([key, size, , ttl, operation]) => [key, size, ttl, operation]))
        for (const [index, [, , timeMs]] of parsed.rows.entries()) {
          expect(Math.abs(timeMs - rows[index][2])).toBeLessThan(0.01)
        }
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  it('may be several files, one after the other, and longer than an access block', () => {
    const keys = Array.from({ length: 4000 }, (_, index) => index)
    const parsed = parse('hst', Buffer.concat([numbers(...keys), numbers(...keys), numbers(7)]))
    expect(parsed.broken).toEqual([])
    expect(keysOf(parsed)).toEqual([...keys, ...keys, 7].map(String))
  })

  it('is known by its first bytes, whatever its name', () => {
    expect(detectFormat('a/recording.0', numbers(1), {}).name).toBe('hst')
    expect(detectFormat('empty.hst', Buffer.alloc(0), {}).name).toBe('hst')
  })

  it('that was cut off is read as far as it goes, and reported', () => {
    const last = numbers(4, 5, 6)
    const whole = Buffer.concat([numbers(1, 2, 3), last])
    for (let missing = 1; missing < last.length; missing++) {
      const parsed = parse('hst', whole.subarray(0, whole.length - missing), {}, 50)
      expect(parsed.broken).toHaveLength(1)
      expect(parsed.broken[0][1]).toMatch(/^the file ends /)
      expect(keysOf(parsed)).toEqual(['1', '2', '3', '4', '5', '6'].slice(0, parsed.rows.length))
      expect(parsed.rows.length).toBeGreaterThanOrEqual(3)
    }
    expect(keysOf(parse('hst', whole.subarray(0, whole.length - 1)))).toHaveLength(5)
  })

  it('loses no more than the block that is damaged, whichever byte it is', () => {
    const [first, second, third] = [numbers(1, 2), numbers(3, 4), numbers(5, 6)]
    for (let at = 0; at < second.length; at++) {
      const spoilt = Buffer.from(second)
      spoilt[at] ^= 0x41
      const parsed = parse('hst', Buffer.concat([first, spoilt, third]), {}, 64)
      expect(keysOf(parsed)).toEqual(['1', '2', '5', '6'])
      expect(parsed.broken.length).toBeGreaterThan(0)
    }
  })

  it('is read on after bytes that belong to no block, such as a hole', () => {
    const parsed = parse('hst', Buffer.concat([numbers(1), Buffer.alloc(1000), numbers(2)]), {}, 90)
    expect(keysOf(parsed)).toEqual(['1', '2'])
    expect(parsed.broken).toEqual([[2, 'bytes that begin no block']])
  })

  it('never raises an error, whatever its bytes are', () => {
    const magic = fc.constant([...layout.BLOCK_MAGIC, layout.TRACE_VERSION, layout.KEY_TEXT, 48, 0])
    const part = fc.oneof(magic, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 }))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        parse('hst', Buffer.from(parts.flat()), {}, 37)
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  it('of a later version is reported as such', () => {
    const later = numbers(1)
    later[layout.AT_VERSION] = 2
    expect(parse('hst', later).broken[0][1]).toContain('version 2 of the format; known is 1')
  })
})

describe('the checksum', () => {
  it('is CRC-32, whether Node has it or not', () => {
    const check = Buffer.from('123456789')
    expect(checksumOf(check)).toBe(0xcbf43926)
    expect(tableChecksum()(check)).toBe(0xcbf43926)
  })
})

describe('a read without a size', () => {
  it('has none, and no lifetime', () => {
    expect(parse('hst', numbers(9)).rows).toEqual([['9', UNKNOWN_SIZE, 1000, NO_TTL, READ]])
  })
})
