/** Payloads: what was sealed is opened, and nothing else ever is. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksumOf } from '../../../src/cache/checksum.js'
import { insideOf, SharedCache } from '../../../src/cache/shared-cache.js'
import {
  COMPRESS_NOW_BYTES,
  DECOMPRESS_NOW_BYTES,
  MAX_VALUE_BYTES,
} from '../../../src/tiers/record/payload.js'
import { PayloadError } from '../../../src/tiers/record/payload-error.js'
import { buildValue, VALUE_KINDS } from '../../support/sample-values.js'
import { damaged } from './damage.js'
import { CODECS, codecOf, reasonOf, textOf } from './payload-helpers.js'

const GZIP = 1
const BROTLI = 2
const ZSTD = 3

/** With a checksum that is right, as one could make it who means harm. */
function forge(compression: number, valueBytes: number, body: Uint8Array): Buffer {
  const head = Buffer.from([1, compression, 1, 0, 0, 0, 0, 0])
  head.writeUInt32LE(valueBytes, 4)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(checksumOf(Buffer.concat([head, body])))
  return Buffer.concat([head, body, checksum])
}

const anyPacked = fc.record({
  type: fc.nat(255),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.nat(3000).map((length) => new Uint8Array(length).fill(length)),
    fc.integer({ min: 1, max: 200_000 }).map((length) => textOf(length).bytes),
    fc
      .constantFrom(COMPRESS_NOW_BYTES, DECOMPRESS_NOW_BYTES)
      .chain((limit) =>
        fc.integer({ min: limit - 2, max: limit + 2 }).map((length) => randomBytes(length)),
      ),
  ),
})

describe.each(CODECS)('a payload (%s)', (_name, codec) => {
  it('opens as it was sealed, whatever its size, type and key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), anyPacked, async (key, packed) => {
        const found = await codec.open(key, await codec.seal(key, packed))
        expect(found.type).toBe(packed.type)
        expect(Buffer.compare(found.bytes, packed.bytes)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('carries the values of a cache', async () => {
    using cache = new SharedCache({ maxBytes: '4mb' })
    const inside = insideOf(cache)
    for (const kind of VALUE_KINDS) {
      for (const bytes of [0, 40, 1500, 70_000]) {
        const value = buildValue({ kind, bytes, salt: bytes + 1 })
        const payload = await codec.seal('k', inside.pack(value))
        expect(inside.unpack(await codec.open('k', payload))).toEqual(value)
      }
    }
  })

  it('is detected with any byte changed, cut off or added', async () => {
    for (const size of [0, 1, 300, 1500]) {
      const payload = await codec.seal('k', textOf(size))
      expect(await reasonOf(codec, 'k', payload)).toBe('opened')
      const opened: string[] = []
      for (const { bytes, how } of damaged(payload)) {
        if ((await reasonOf(codec, 'k', bytes)) === 'opened') opened.push(`${size}: ${how}`)
      }
      expect(opened).toEqual([])
    }
  })

  it('that is no payload at all raises nothing but a PayloadError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, isBegun) => {
        if (isBegun && noise.length > 3) noise.set([1, noise[1] & 3, 1, noise[3] & 7])
        expect(await reasonOf(codec, 'k', noise)).not.toBe('opened')
      }),
      { numRuns: 200 },
    )
  })
})

describe('compression', () => {
  it('begins at the threshold', () => {
    const codec = codecOf({ compression: { threshold: 600 } })
    expect((codec.seal('k', textOf(599)) as Uint8Array).length).toBe(599 + 12)
    expect((codec.seal('k', textOf(600)) as Uint8Array).length).toBeLessThan(400)
  })

  it('begins at 4 kb by default', () => {
    expect((codecOf().seal('k', textOf(4095)) as Uint8Array).length).toBe(4095 + 12)
    expect((codecOf().seal('k', textOf(4096)) as Uint8Array).length).toBeLessThan(2800)
  })

  it('is dropped where it makes nothing smaller', async () => {
    for (const length of [20, 2000, 100_000]) {
      const codec = codecOf({ compression: { threshold: 0 } })
      const payload = await codec.seal('k', { type: 6, bytes: randomBytes(length) })
      expect(payload.length).toBe(length + 12)
    }
  })

  it('switched off still reads what was compressed', async () => {
    const payload = await codecOf().seal('k', textOf(5000))
    const plain = codecOf({ compression: false })
    expect(await plain.open('k', payload)).toEqual(await codecOf().open('k', payload))
    expect((plain.seal('k', textOf(5000)) as Uint8Array).length).toBe(5000 + 12)
  })

  it('of much runs beside the event loop, and of little at once', async () => {
    const codec = codecOf({ compression: { algorithm: 'gzip' } })
    expect(codec.seal('k', textOf(COMPRESS_NOW_BYTES))).toBeInstanceOf(Uint8Array)
    expect(codec.seal('k', textOf(COMPRESS_NOW_BYTES + 1))).toBeInstanceOf(Promise)
    const little = await codec.seal('k', textOf(DECOMPRESS_NOW_BYTES))
    const much = await codec.seal('k', textOf(DECOMPRESS_NOW_BYTES + 1))
    expect(codec.open('k', little)).not.toBeInstanceOf(Promise)
    expect(codec.open('k', much)).toBeInstanceOf(Promise)
  })
})

describe('a payload that was made up', () => {
  const codec = codecOf()

  it('does not decompress beyond the length in it', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    for (const valueBytes of [0, 1000, DECOMPRESS_NOW_BYTES + 1]) {
      const open = async () => codec.open('k', forge(GZIP, valueBytes, bomb))
      const stopped = expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' })
      await expect(open()).rejects.toMatchObject({ reason: 'corrupt', cause: stopped })
    }
  })

  it('is too large from 512 MiB on, in both directions', async () => {
    const payload = forge(GZIP, MAX_VALUE_BYTES + 1, gzipSync('x'))
    expect(await reasonOf(codec, 'k', payload)).toBe('too-large')
    const huge = { type: 6, bytes: new Uint8Array(MAX_VALUE_BYTES + 1) }
    expect(() => codec.seal('k', huge)).toThrow(expect.objectContaining({ reason: 'too-large' }))
  })

  it('is corrupt where it has fewer bytes than it says', async () => {
    expect(await reasonOf(codec, 'k', forge(0, 6, Buffer.from('hello')))).toBe('corrupt')
    expect(await reasonOf(codec, 'k', forge(0, 5, Buffer.from('hello')))).toBe('opened')
    expect(await reasonOf(codec, 'k', forge(GZIP, 6, gzipSync('hello')))).toBe('corrupt')
  })

  it('is corrupt where its bytes were never compressed', async () => {
    for (const compression of [GZIP, BROTLI, ZSTD]) {
      for (const valueBytes of [10, DECOMPRESS_NOW_BYTES + 1]) {
        const payload = forge(compression, valueBytes, Buffer.from('this is no compressed text'))
        expect(await reasonOf(codec, 'k', payload)).toBe('corrupt')
      }
    }
  })

  it('of a version or a compression to come says so', async () => {
    const later = Buffer.from(await codec.seal('k', textOf(10)))
    later[0] = 2
    expect(await reasonOf(codec, 'k', later)).toBe('unknown-version')
    expect(await reasonOf(codec, 'k', Buffer.alloc(0))).toBe('corrupt')
    expect(await reasonOf(codec, 'k', forge(9, 5, Buffer.from('hello')))).toBe(
      'unknown-compression',
    )
  })

  it('names its key and the reason in the error', () => {
    const open = () => codec.open('user:1', forge(9, 5, Buffer.from('hello')))
    expect(open).toThrow(PayloadError)
    expect(open).toThrow(
      expect.objectContaining({
        key: 'user:1',
        reason: 'unknown-compression',
        code: 'ERR_HOTSET_UNREADABLE_PAYLOAD',
        message: expect.stringContaining("'user:1'"),
      }),
    )
  })
})
