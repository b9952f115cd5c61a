/** lru-cache as its users have it: a bound, a size for each entry, and lifetimes per entry. */
import { LRUCache } from 'lru-cache'
import { type Budget, lruCacheEntryBytes } from '../budget.js'
import type { TraceClock } from '../clock.js'
import type { ReplayTarget, TargetSummary } from './target.js'

export interface TargetOptions {
  budget: Budget
  /** Absent where the trace has no time of its own: then it is the machine's. */
  clock?: TraceClock
}

export class LruCacheTarget implements ReplayTarget {
  readonly name = 'lru-cache'
  private readonly cache: LRUCache<string, string>
  private readonly setOptions = { ttl: 0 }
  private readonly maxEntryBytes: number
  private evictions = 0

  constructor({ budget, clock }: TargetOptions) {
    this.maxEntryBytes = budget.unit === 'bytes' ? budget.bytes : Number.POSITIVE_INFINITY
    this.cache = new LRUCache<string, string>({
      ...(budget.unit === 'entries'
        ? { max: budget.entries }
        : {
            maxSize: budget.bytes,
            sizeCalculation: (value, key) => lruCacheEntryBytes(key, value),
          }),
      ...(clock === undefined ? {} : { perf: clock, ttlResolution: 0 }),
      dispose: (_value, _key, reason) => {
        if (reason === 'evict') this.evictions++
      },
    })
  }

  get(key: string): string | undefined {
    return this.cache.get(key)
  }

  set(key: string, value: string, ttlMs: number): boolean {
    if (ttlMs === 0) {
      this.cache.set(key, value)
    } else {
      this.setOptions.ttl = ttlMs
      this.cache.set(key, value, this.setOptions)
    }
    // Why worked out once more: lru-cache drops what is larger than its maxSize without saying so.
    return lruCacheEntryBytes(key, value) <= this.maxEntryBytes
  }

  delete(key: string): void {
    this.cache.delete(key)
  }

  summary(): TargetSummary {
    return {
      entries: this.cache.size,
      evictions: this.evictions,
      offHeapBytes: 0,
      countedBytes: this.cache.calculatedSize,
    }
  }

  close(): void {
    this.cache.clear()
  }
}
