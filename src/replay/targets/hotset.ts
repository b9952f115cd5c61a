/** hotset as its users have it, near cache included; values are strings, as they are. */
import { type CacheHandle, SharedCache } from '../../index.js'
import { bytesForEntries } from '../budget.js'
import type { TraceClock } from '../clock.js'
import type { Policy } from '../policies.js'
import type { TargetOptions } from './lru-cache.js'
import type { ReplayTarget, TargetSummary } from './target.js'

export interface HotsetTargetOptions extends TargetOptions {
  policy: Policy
  /** The largest value that will come where the budget is in entries. */
  valueBytes: number
  /** False: every hit is decoded afresh. */
  near: boolean
}

export class HotsetTarget implements ReplayTarget {
  readonly name = 'hotset'
  private readonly cache: SharedCache<string>
  private readonly setOptions = { ttl: 0 }

  constructor(from: HotsetTargetOptions | SharedCache<string>) {
    this.cache = from instanceof SharedCache ? from : createCache(from)
  }

  /** @param clock of the same time as the other threads' */
  static attach(handle: CacheHandle, clock: TraceClock | undefined): HotsetTarget {
    return new HotsetTarget(SharedCache.attach(handle, clock === undefined ? {} : { clock }))
  }

  /** For other threads, which bring the same clock. */
  get handle(): CacheHandle {
    return this.cache.handle
  }

  get(key: string): string | undefined {
    return this.cache.get(key)
  }

  set(key: string, value: string, ttlMs: number): boolean {
    if (ttlMs === 0) return this.cache.set(key, value)
    this.setOptions.ttl = ttlMs
    return this.cache.set(key, value, this.setOptions)
  }

  delete(key: string): void {
    this.cache.delete(key)
  }

  summary(): TargetSummary {
    const { size, evictions, bytes } = this.cache.stats()
    return { entries: size, evictions, offHeapBytes: bytes, countedBytes: bytes }
  }

  close(): void {
    this.cache.close()
  }
}

function createCache(options: HotsetTargetOptions): SharedCache<string> {
  const { budget, policy, clock, valueBytes, near } = options
  return new SharedCache<string>({
    name: 'replay',
    policy,
    codec: 'string',
    ...(budget.unit === 'bytes'
      ? { maxBytes: budget.bytes }
      : // Why one shard: only then is the count exact, as it is for lru-cache.
        {
          maxBytes: bytesForEntries(budget.entries, valueBytes),
          maxEntries: budget.entries,
          shards: 1,
        }),
    ...(near ? {} : { near: false }),
    ...(clock === undefined ? {} : { clock }),
  })
}
