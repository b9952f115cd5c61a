/** TieredCaches of a test's own: on a clock that it moves, closed when it is over. */
import { onTestFinished } from 'vitest'
import { memoryTier, TieredCache, type TieredCacheOptions } from '../../../src/tiers/index.js'
import type { MemoryTierOptions } from '../../../src/tiers/memory/memory-options.js'
import type { Tier } from '../../../src/tiers/tier.js'
import { ManualClock } from '../../support/manual-clock.js'
import { MapServer, MapTier } from './map-tier.js'

export const MEMORY_BYTES = '4mb'

export interface FixtureOptions<V> extends Omit<TieredCacheOptions<V>, 'tiers' | 'clock'> {
  clock?: ManualClock
  memory?: MemoryTierOptions<V>
  lower?: readonly Tier[]
}

/** Memory and `lower`, all by one clock. */
export function createCache<V = unknown>({
  clock = new ManualClock(),
  memory = {},
  lower = [],
  ...options
}: FixtureOptions<V> = {}): { cache: TieredCache<V>; clock: ManualClock } {
  const cache = new TieredCache<V>({
    tiers: [memoryTier<V>({ maxBytes: MEMORY_BYTES, clock, ...memory }), ...lower],
    clock,
    ...options,
  })
  onTestFinished(() => cache.close())
  return { cache, clock }
}

/** Memory over one MapTier. */
export function createPair<V = unknown>(
  options: Omit<FixtureOptions<V>, 'lower' | 'clock'> = {},
): {
  cache: TieredCache<V>
  clock: ManualClock
  tier: MapTier
} {
  const clock = new ManualClock()
  const tier = new MapTier({ clock })
  const { cache } = createCache<V>({ ...options, clock, lower: [tier] })
  return { cache, clock, tier }
}

/** Two caches, each with a memory of its own, that share a server: as two processes share a Redis. */
export function createTwo<V = unknown>(
  options: Omit<FixtureOptions<V>, 'lower' | 'clock'> = {},
): {
  caches: [TieredCache<V>, TieredCache<V>]
  tiers: [MapTier, MapTier]
  clock: ManualClock
} {
  const clock = new ManualClock()
  const server = new MapServer(clock)
  const tiers: [MapTier, MapTier] = [new MapTier({ server }), new MapTier({ server })]
  const [first, second] = tiers.map(
    (tier) => createCache<V>({ ...options, clock, lower: [tier] }).cache,
  )
  return { caches: [first, second], tiers, clock }
}

/** A loader that counts its runs, and ends when the test says so. */
export class HeldLoader<V> {
  runs = 0
  #ends: { resolve: (value: V) => void; reject: (error: unknown) => void }[] = []
  #begun: (() => void)[] = []

  readonly load = (): Promise<V> => {
    this.runs++
    for (const tell of this.#begun.splice(0)) tell()
    return new Promise((resolve, reject) => {
      this.#ends.push({ resolve, reject })
    })
  }

  /** Resolves when it has been run `runs` times. */
  async begun(runs = 1): Promise<void> {
    while (this.runs < runs) await new Promise<void>((resolve) => this.#begun.push(resolve))
  }

  /** Ends the oldest run that has not ended. */
  resolve(value: V): void {
    this.#ends.shift()?.resolve(value)
  }

  reject(error: unknown): void {
    this.#ends.shift()?.reject(error)
  }
}

export function failing(message = 'the origin is away'): () => Promise<never> {
  return () => Promise.reject(new Error(message))
}
