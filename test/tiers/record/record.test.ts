/** Records: an entry comes back as it was, or there is a CorruptRecordError. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksumOf } from '../../../src/cache/checksum.js'
import { CorruptRecordError, decodeRecord, encodeRecord } from '../../../src/tiers/record/record.js'
import type { TierEntry } from '../../../src/tiers/tier.js'
import { checkProperty } from '../../support/check-property.js'
import { damaged } from './damage.js'

const ENTRY: TierEntry = {
  payload: Buffer.from('a payload'),
  createdAt: 1_700_000_000_000,
  expiresAt: 1_700_000_060_000.5,
  keepUntil: Number.POSITIVE_INFINITY,
  tags: ['video', 'user:7'],
  slidingTtlMs: 60_000.5,
  ttlMsAbove: { memory: 1000, disk: Number.POSITIVE_INFINITY },
  validator: '"etag"',
}

const time = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY))
// Why of three kinds: with lone surrogates, UTF-8 does not bring them back.
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
)
const anyEntry = fc.record({
  payload: fc.uint8Array({ maxLength: 2000 }),
  absent: fc.boolean(),
  createdAt: time,
  expiresAt: time,
  keepUntil: time,
  slidingTtlMs: fc.option(fc.oneof(fc.constant(0), time), { nil: undefined }),
  ttlMsAbove: fc.option(fc.dictionary(text, time, { minKeys: 1, noNullPrototype: true }), {
    nil: undefined,
  }),
  tags: fc.array(text),
  validator: fc.option(text, { nil: undefined }),
})

function isRefused(record: Buffer): boolean {
  try {
    decodeRecord(record)
    return false
  } catch (error) {
    if (!(error instanceof CorruptRecordError)) throw error
    return true
  }
}

function withChecksum(body: Uint8Array): Buffer {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(checksumOf(body))
  return Buffer.concat([body, checksum])
}

describe('a record', () => {
  it('is decoded to the entry that was encoded, whatever is in it', () => {
    checkProperty(
      fc.property(anyEntry, (entry) => {
        const found = decodeRecord(encodeRecord(entry))
        expect({ ...found, payload: new Uint8Array(found.payload) }).toEqual(entry)
      }),
      500,
    )
  })

  it('keeps a payload of a megabyte, and an etag longer than 64 KiB', () => {
    const large = { ...ENTRY, payload: randomBytes(1024 * 1024), validator: 'e'.repeat(70_000) }
    const found = decodeRecord(encodeRecord(large))
    expect(Buffer.compare(found.payload, large.payload)).toBe(0)
    expect(found.validator).toBe(large.validator)
  })

  it('lies anywhere in memory', () => {
    const record = encodeRecord(ENTRY)
    const moved = Buffer.concat([Buffer.alloc(3), record]).subarray(3)
    expect(decodeRecord(moved)).toEqual(decodeRecord(record))
  })

  it('tells a lifetime of zero above from none', () => {
    const above = (ttlMsAbove: TierEntry['ttlMsAbove']) =>
      decodeRecord(encodeRecord({ ...ENTRY, ttlMsAbove })).ttlMsAbove
    expect(above({ memory: 0 })).toEqual({ memory: 0 })
    expect(above(undefined)).toBeUndefined()
    expect(above({})).toBeUndefined()
  })

  it('is refused with any byte changed, cut off or added', () => {
    for (const entry of [ENTRY, { ...ENTRY, payload: new Uint8Array(0), absent: true, tags: [] }]) {
      const record = encodeRecord(entry)
      expect(isRefused(record)).toBe(false)
      const taken = [...damaged(record)].filter(({ bytes }) => !isRefused(bytes))
      expect(taken.map(({ how }) => how)).toEqual([])
    }
  })

  it('of noise is refused, even with a checksum that is right', () => {
    checkProperty(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(isRefused(Buffer.from(noise))).toBe(true)
      }),
      300,
    )
    const record = encodeRecord({ ...ENTRY, payload: new Uint8Array(0) })
    for (let length = 0; length < record.length - 4; length++) {
      expect(isRefused(withChecksum(record.subarray(0, length)))).toBe(true)
    }
    const ofLaterVersion = withChecksum(Buffer.from(encodeRecord(ENTRY).fill(3, 0, 1)))
    expect(isRefused(ofLaterVersion)).toBe(true)
  })

  it('cannot have more tags or lifetimes than it can count', () => {
    const tags = Array.from({ length: 65_536 }, (_, index) => String(index))
    expect(() => encodeRecord({ ...ENTRY, tags })).toThrow(RangeError)
    const ttlMsAbove = Object.fromEntries(tags.slice(0, 256).map((name) => [name, 1]))
    expect(() => encodeRecord({ ...ENTRY, ttlMsAbove })).toThrow(RangeError)
  })
})
