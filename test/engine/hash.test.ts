/** The seeded hash: who does not know the seed cannot choose keys that collide. */
import { describe, expect, test } from 'vitest'
import { POLICY_LRU } from '../../assembly/constants.js'
import { Engine } from '../../src/engine/engine.js'
import { BUILDS, withBuild } from '../support/engine-builds.js'
import { Random } from '../support/random.js'

const MIB = 1024 * 1024
const KEYS = 1000
const WORD = 2 ** 32

function seedOf(number: number): Uint8Array {
  const random = new Random(number)
  return Uint8Array.from({ length: 32 }, () => random.below(256))
}

class Hasher {
  readonly #engine: Engine

  constructor(seed: Uint8Array) {
    const host = { now: () => 0, removed() {}, failed: (error: unknown) => error as Error }
    const options = {
      maxBytes: MIB,
      maxEntries: 0,
      maxEntryBytes: MIB,
      shardCount: 1,
      policy: POLICY_LRU,
      lockTimeoutMs: 250,
      favor: 0,
    }
    const engine = Engine.create(options, seed, host)
    if (engine === undefined) throw new Error('no room for the engine')
    this.#engine = engine
  }

  of(key: string): number {
    const { key: staging, exports } = this.#engine
    staging.write(key)
    return exports.hashKey(key.length, staging.wide) >>> 0
  }

  distinct(keys: readonly string[]): number {
    return new Set(keys.map((key) => this.of(key))).size
  }
}

function latin1OfWords(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, index) => {
    bytes.writeUInt32LE(word >>> 0, index * 4)
  })
  return bytes.toString('latin1')
}

/**
 * Keys of one hash for who knows the seed: their first word plus the seed's is 0, and so is its product
 * with their second word, whatever that is.
 */
function collidingKeys(seed: Uint8Array): string[] {
  const first = Buffer.from(seed).readUInt32LE(0)
  return Array.from({ length: KEYS }, (_, index) => latin1OfWords([WORD - first, index, 7, 7]))
}

describe.each(BUILDS)('%s build', (build) => {
  test('keys made to collide under one seed do not under another', () => {
    const seed = seedOf(1)
    const keys = collidingKeys(seed)
    withBuild(build, () => {
      expect(new Hasher(seed).distinct(keys)).toBe(1)
      for (let other = 2; other < 12; other++) {
        expect(new Hasher(seedOf(other)).distinct(keys)).toBe(KEYS)
      }
    })
  })

  test('keys found to collide by chance under one seed do not under another', () => {
    withBuild(build, () => {
      const hasher = new Hasher(seedOf(20))
      const met = new Map<number, string>()
      const pairs: [string, string][] = []
      for (let index = 0; index < 300_000; index++) {
        const key = `user:${index}`
        const hash = hasher.of(key)
        const other = met.get(hash)
        if (other === undefined) met.set(hash, key)
        else pairs.push([other, key])
      }
      // 10.5 pairs are to be expected.
      expect(pairs.length).toBeGreaterThan(1)
      expect(pairs.length).toBeLessThan(40)
      const another = new Hasher(seedOf(21))
      for (const [a, b] of pairs) expect(another.of(a)).not.toBe(another.of(b))
    })
  })

  test('keys alike in all but little spread evenly over each part of the hash that the index uses', () => {
    withBuild(build, () => {
      const hasher = new Hasher(seedOf(30))
      const families: ((index: number) => string)[] = [
        (index) => `${index}`,
        (index) => `session:${String(index).padStart(40, '0')}:data`,
        (index) => 'x'.repeat(index),
        (index) => latin1OfWords([index, 0, 0, 0, 0]),
        (index) => `ж${index}`,
      ]
      for (const family of families) {
        const hashes = Array.from({ length: 4096 }, (_, index) => hasher.of(family(index)))
        for (const shift of [0, 6, 26]) {
          const counts = new Array<number>(64).fill(0)
          for (const hash of hashes) counts[(hash >>> shift) & 63]++
          // 64 in each on the mean, 8 the deviation.
          expect(Math.max(...counts)).toBeLessThan(120)
          expect(Math.min(...counts)).toBeGreaterThan(20)
        }
      }
    })
  })

  test('the same bytes as Latin-1 and as UTF-16 have different hashes', () => {
    withBuild(build, () => {
      const hasher = new Hasher(seedOf(40))
      expect(hasher.of('a\x01')).not.toBe(hasher.of('\u0161'))
      expect(hasher.of('')).not.toBe(hasher.of('\0'))
    })
  })
})

test('two caches are given different seeds', () => {
  expect(Engine.createSeed()).not.toEqual(Engine.createSeed())
})
