/** Compression over the versions of Node: what one wrote, every other one reads. */
import { describe, expect, it } from 'vitest'
import { decompressorFor, portableZstd } from '../../../src/tiers/record/compression.js'
import { codecOf } from './payload-helpers.js'

/** Of `TEXT` under 'k', sealed by Node 24.21 with `algorithm: 'zstd'`. */
const SEALED_BY_NODE_24 =
  'AQMBAHgCAAAotS/9YHgBlQQAsoUPErAlbYBgoT5Mm+SmJGmn1CUOBmMZg7BlYklyOPydzUSF+EW1zLZ5cums2t/d7pDmn0/V80wRxj' +
  'IGGQkABIMnIFDjUOABqkREIhGMxg6PiDATdq2AXSPrWrl1oozJWMZl1DG5lRu5RW4jnXiMY9SBBzr87Nijyc3lNtCJyw4/8IEdeA4s' +
  'PDB34IMdwnfFxZTszgyX'
const TEXT = Array.from({ length: 40 }, (_, index) => `user ${index * index} of 40`).join('; ')
const HEAD_BYTES = 8
const CHECKSUM_BYTES = 4
const ZSTD_ID = 3

const payload = Buffer.from(SEALED_BY_NODE_24, 'base64')
const frame = payload.subarray(HEAD_BYTES, -CHECKSUM_BYTES)

describe('what Node 24 compressed by zstd', () => {
  it('is opened by this Node', async () => {
    const { type, bytes } = await codecOf().open('k', payload)
    expect(type).toBe(1)
    expect(Buffer.from(bytes).toString()).toBe(TEXT)
  })

  it('is read by fzstd, at once and later', async () => {
    const now = await portableZstd.decompressNow(frame, TEXT.length)
    const later = await portableZstd.decompress(frame, TEXT.length)
    expect(Buffer.from(now).toString()).toBe(TEXT)
    expect(Buffer.from(later).toString()).toBe(TEXT)
  })

  it('is never read beyond the length that is asked for', async () => {
    const part = await portableZstd.decompress(frame, TEXT.length - 10)
    expect(part.length).toBe(TEXT.length - 10)
  })

  it('makes an error where the frame is damaged', async () => {
    const cut = frame.subarray(0, frame.length - 20)
    await expect(portableZstd.decompress(cut, TEXT.length)).rejects.toThrow()
    await expect(portableZstd.decompress(Buffer.from('no'), 10)).rejects.toThrow()
  })
})

describe('a number that no compression has', () => {
  it('has no decompressor', () => {
    expect(decompressorFor(ZSTD_ID)).toBeDefined()
    expect(decompressorFor(0)).toBeUndefined()
    expect(decompressorFor(4)).toBeUndefined()
  })
})
