/** A cache that is plain to see through: the newest `maxEntries` keys, by the replay's clock. */
import type { ReplayClock } from '../../src/replay/clock.js'
import type { ReplayTarget, TargetSummary } from '../../src/replay/targets/target.js'

export class MapTarget implements ReplayTarget {
  readonly name = 'map'
  readonly calls: string[] = []
  readonly entries = new Map<string, { value: string; expiresMs: number }>()

  constructor(
    private readonly maxEntries = Number.POSITIVE_INFINITY,
    private readonly clock?: ReplayClock,
  ) {}

  get(key: string): string | undefined {
    this.calls.push(`get ${key}`)
    const entry = this.entries.get(key)
    const isAlive = entry !== undefined && entry.expiresMs > (this.clock?.nowMs ?? 0)
    return isAlive ? entry.value : undefined
  }

  set(key: string, value: string, ttlMs: number): boolean {
    this.calls.push(`set ${key} ${value.length} ${ttlMs}`)
    if (this.entries.size >= this.maxEntries) return false
    const expiresMs = ttlMs === 0 ? Number.POSITIVE_INFINITY : (this.clock?.nowMs ?? 0) + ttlMs
    this.entries.set(key, { value, expiresMs })
    return true
  }

  delete(key: string): void {
    this.calls.push(`delete ${key}`)
    this.entries.delete(key)
  }

  summary(): TargetSummary {
    return { entries: this.entries.size, evictions: 0, offHeapBytes: 0, countedBytes: 0 }
  }

  close(): void {
    this.entries.clear()
  }
}
