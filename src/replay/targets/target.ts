/** What the replay asks of a cache, and what it wants to know at the end. */

export interface ReplayTarget {
  readonly name: string
  get(key: string): string | undefined
  /** @param ttlMs 0 for none; @returns whether it was stored */
  set(key: string, value: string, ttlMs: number): boolean
  delete(key: string): void
  summary(): TargetSummary
  close(): void
}

export interface TargetSummary {
  entries: number
  evictions: number
  /** Bytes outside the V8 heap, as the cache itself counts them; 0 where it has none. */
  offHeapBytes: number
  /** What the cache takes to be its size, in the unit that its bound has. */
  countedBytes: number
}
