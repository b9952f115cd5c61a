/** What the memory holds of what it could: across changes of sizes, on a mix of sizes, and per entry. */
import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { type CacheOptions, SharedCache } from '../../src/index.js'
import { Random } from '../support/random.js'

const KIB = 1024
const MIB = 1024 * KIB
/** What the issue allows an entry beyond key and value: header, links, index. */
const ENTRY_OVERHEAD_BYTES = 48
const KEY_CHARS = 16
const MAX_WASTE = 0.12

function create(options: Partial<CacheOptions<Uint8Array>>): SharedCache<Uint8Array> {
  return new SharedCache<Uint8Array>({
    maxBytes: 64 * MIB,
    near: false,
    codec: 'bytes',
    ...options,
  })
}

let keys = 0

/** Sets entries of fresh 16-character keys, until so many bytes of values were written. */
function write(cache: SharedCache<Uint8Array>, totalBytes: number, nextBytes: () => number): void {
  const noise = Buffer.alloc(MIB, 'noise')
  for (let written = 0; written < totalBytes; ) {
    const bytes = nextBytes()
    const stored = cache.set(
      `key${String(keys++).padStart(KEY_CHARS - 3, '0')}`,
      noise.subarray(0, bytes),
    )
    if (!stored) assert.fail(`a value of ${bytes} bytes was refused`)
    written += bytes
  }
}

/** The number of entries with 8 KiB values, where all others have 100 bytes. */
function largeEntries(cache: SharedCache<Uint8Array>): number {
  const { payloadBytes, size } = cache.stats()
  return (payloadBytes - size * (KEY_CHARS + 100)) / (8 * KIB - 100)
}

const settings: Partial<CacheOptions<Uint8Array>>[] = [
  { policy: 'adaptive' },
  { policy: 'adaptive', shards: 1 },
  { policy: 'lru', shards: 1 },
]

describe.each(settings)('with %o', (options) => {
  test('a cache full of 100-byte values turns over to 8 KiB values, and back', () => {
    const cache = create(options)
    write(cache, 50 * MIB, () => 100)
    const small = cache.size
    write(cache, 3 * 64 * MIB, () => 8 * KIB)
    expect(largeEntries(cache) * 8 * KIB).toBeGreaterThan(0.85 * 64 * MIB)
    write(cache, 50 * MIB, () => 100)
    expect(cache.size - largeEntries(cache)).toBeGreaterThan(0.9 * small)
    expect(cache.stats().rejected.tooLarge).toBe(0)
  })
})

test.each([undefined, 1, 4])(
  'mixes of sizes that change abruptly are all stored (shards: %s)',
  (shards) => {
    const seed = 11
    const random = new Random(seed)
    const maxBytes = 16 * MIB
    const cache = create({ maxBytes, maxEntryBytes: MIB, ...(shards !== undefined && { shards }) })
    const mixes: [number, number][] = [
      [16, 64],
      [8192, 8192],
      [1000, 4000],
      [100, 100],
      [65_536, 65_536],
      [1, MIB],
      [16, 65_536],
      [2000, 2100],
      [40, 40],
    ]
    for (let phase = 0; phase < 6; phase++) {
      const [least, most] = random.pick(mixes)
      write(cache, 2 * maxBytes, () => random.logBetween(least, most))
      const { payloadBytes, size, bytes } = cache.stats()
      const held = (payloadBytes + size * ENTRY_OVERHEAD_BYTES) / maxBytes
      assert.ok(
        held > 0.75,
        `seed ${seed}, phase ${phase} (${least} to ${most}): ${held} of the memory`,
      )
      assert.ok(bytes <= maxBytes)
      assert.deepEqual(cache.verify(), { ok: true, problems: [] })
    }
  },
)

test('less than 12% is wasted on a mix of sizes from 16 bytes to 64 KiB', () => {
  for (const shards of [1, 8]) {
    const random = new Random(5)
    const cache = create({ shards })
    const emptyBytes = cache.bytes
    write(cache, 200 * MIB, () => random.logBetween(16, 64 * KIB))
    const { bytes, payloadBytes, size, fragmentation } = cache.stats()
    const needed = payloadBytes + size * ENTRY_OVERHEAD_BYTES
    const waste = 1 - needed / (bytes - emptyBytes)
    console.log(
      `waste ${(waste * 100).toFixed(1)}% (free chunks ${(fragmentation * 100).toFixed(1)}%), ${size} entries, ${shards} shards`,
    )
    expect(waste).toBeLessThan(MAX_WASTE)
  }
})

test.each(['adaptive', 'lru', 'lfu', 'ttl', 'priority'] as const)(
  'an entry takes at most 48 bytes beyond key and value, and 12% of slab waste (%s)',
  (policy) => {
    const count = policy === 'adaptive' ? 1_000_000 : 200_000
    const cache = create({ maxBytes: 512 * MIB, policy })
    const emptyBytes = cache.bytes
    write(cache, count * 100, () => 100)
    expect(cache.size).toBe(count)
    const each = (cache.bytes - emptyBytes) / count
    console.log(`${policy}: ${(each - 116).toFixed(1)} bytes an entry beyond key and value`)
    expect(each).toBeLessThanOrEqual((116 + ENTRY_OVERHEAD_BYTES) * (1 + MAX_WASTE))
  },
)
