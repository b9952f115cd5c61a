/**
 * Stands in for src/engine/random-seed.ts, so that hashes are the same in every run, and another cache has
 * others: `vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))`.
 */
import { Random } from './random.js'

let random = new Random(1)

/** What the caches that are created from now on hash with. */
export function seedHashes(seed: number): void {
  random = new Random(seed)
}

export function createRandomSeed(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, () => random.below(256))
}
