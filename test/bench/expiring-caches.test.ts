/** The caches with lifetimes as the benchmarks open them: each keeps what it was given, and counts it. */
import { describe, expect, it, vi } from 'vitest'

interface ExpiringCache {
  get(key: string): unknown
  set(key: string, value: string, ttlMs: number): void
  held(): number
  offHeapBytes(): number
  close(): void
}

const { IMPLEMENTATIONS, openExpiring } = (await import(
  new URL('../../bench/parts/expiring-caches.mjs', import.meta.url).href
)) as {
  IMPLEMENTATIONS: string[]
  openExpiring(implementation: string, maxEntries: number): ExpiringCache
}

describe.each(IMPLEMENTATIONS)('%s', (implementation) => {
  it('answers what lives, and counts it as held', () => {
    const cache = openExpiring(implementation, 1000)
    for (let index = 0; index < 100; index++) cache.set(`key ${index}`, `${index}`, 3_600_000)
    expect(cache.held()).toBe(100)
    expect(cache.get('key 42')).toBe('42')
    cache.close()
  })

  it('takes the lifetime that is given with the entry', async () => {
    const cache = openExpiring(implementation, 1000)
    cache.set('short', 'a', 1)
    cache.set('long', 'b', 3_600_000)
    await vi.waitFor(() => expect(cache.get('short')).toBeUndefined())
    expect(cache.get('long')).toBe('b')
    cache.close()
  })
})

it('counts an expired entry as held while nothing has taken it away', async () => {
  const cache = openExpiring('lru-cache', 1000)
  cache.set('short', 'a', 1)
  const began = performance.now()
  await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(began + 2))
  expect(cache.held()).toBe(1)
  expect(cache.get('short')).toBeUndefined()
  expect(cache.held()).toBe(0)
  cache.close()
})
