/**
 * Pools for the tests: of the built package, since workers run nothing else, closed when the test is over.
 */
import { expect, onTestFinished } from 'vitest'
import { type CacheOptions, SharedCache } from '../../dist/src/index.js'
import { CachePool, type CachePoolOptions } from '../../dist/src/pool/index.js'

export const LOADERS = new URL('./loaders/loaders.mjs', import.meta.url)

export interface PoolFixture {
  cache: SharedCache
  pool: CachePool
}

/** With one worker and no maintenance, unless told otherwise. */
export function createPool(
  options: Partial<CachePoolOptions> = {},
  cacheOptions: Partial<CacheOptions> = {},
): PoolFixture {
  const cache = new SharedCache({ maxBytes: '64mb', ...cacheOptions })
  const pool = new CachePool({
    cache,
    filename: LOADERS,
    minThreads: 1,
    maxThreads: 1,
    maintenanceInterval: false,
    ...options,
  })
  onTestFinished(async () => {
    await pool.destroy()
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
    cache.close()
  })
  return { cache, pool }
}

export function sharedWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT))
}

/** What the loader `wait` does, seen and steered from here. */
export class Gate {
  readonly words = sharedWords(4)

  open(): void {
    Atomics.store(this.words, 0, 1)
  }

  get begun(): number {
    return Atomics.load(this.words, 1)
  }

  get aborted(): number {
    return Atomics.load(this.words, 2)
  }

  get ended(): number {
    return Atomics.load(this.words, 3)
  }

  /** Until so many loaders have begun. */
  async waitForBegun(count: number): Promise<void> {
    await expect.poll(() => this.begun, PATIENCE).toBe(count)
  }
}

/** For what another thread does in its own time. */
export const PATIENCE = { timeout: 30_000, interval: 2 }

/** What the loader `makeBytes` makes. */
export function expectedBytes(bytes: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + seed) & 255))
}
