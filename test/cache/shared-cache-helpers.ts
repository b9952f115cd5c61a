/** Caches for tests: small, on a clock that only moves when told to, verified and closed at the end. */
import { expect, onTestFinished } from 'vitest'
import { type CacheOptions, type Clock, SharedCache } from '../../src/index.js'

export const START_MS = 1_000_000

export class ManualClock implements Clock {
  nowMs = START_MS

  now(): number {
    return this.nowMs
  }

  advance(byMs: number): void {
    this.nowMs += byMs
  }
}

// biome-ignore lint/suspicious/noExplicitAny: most tests store values of many kinds
export type AnyCache = SharedCache<any>

// biome-ignore lint/suspicious/noExplicitAny: most tests store values of many kinds
export function createCache<V = any>(
  options: Partial<CacheOptions<V>> = {},
): { cache: SharedCache<V>; clock: ManualClock } {
  const clock = new ManualClock()
  const cache = new SharedCache<V>({ maxBytes: '4mb', clock, ...options })
  onTestFinished(() => {
    try {
      if (!isClosed(cache)) expect(cache.verify()).toEqual({ ok: true, problems: [] })
    } finally {
      cache.close()
    }
  })
  return { cache, clock }
}

function isClosed(cache: AnyCache): boolean {
  try {
    return cache.bytes < 0
  } catch {
    return true
  }
}

export function fill(cache: AnyCache, count: number, prefix = 'key:'): void {
  for (let index = 0; index < count; index++) cache.set(`${prefix}${index}`, index)
}

export const sorted = (keys: Iterable<string>): string[] => [...keys].sort()

/**
 * Reads keys until the near cache has them. Why so: only a value that has been hit before gets in,
 * and info() drains the log of hits.
 */
export function warm(cache: AnyCache, ...keys: string[]): void {
  for (const key of keys) {
    cache.get(key)
    cache.info(key)
    cache.get(key)
  }
}
