/**
 * What a TieredCache tells of beside its answers: `cache.events.on('tier-error', listener)`.
 *
 * 1. Nobody has to listen: no event is named 'error', so none is thrown for want of a listener.
 * 2. A listener that throws disturbs nothing: what it threw is dropped.
 */
export interface TierEvents {
  /**
   * A call of a tier failed, after its retries: `operation` as the method is called. Told once a second for
   * an operation at most; `count`: how many failed since it was told last, this one included.
   */
  'tier-error': [{ tier: string; operation: string; error: unknown; count?: number }]
  /** The circuit breaker of a tier has opened, or the tier's connection was lost. */
  'tier-down': [{ tier: string; error: unknown }]
  'tier-up': [{ tier: string }]
  /** A write could not reach a tier; its copy is made safe when the tier is back. */
  'write-failed': [{ tier: string; operation: string; keys: readonly string[]; error: unknown }]
  /** What a tier had missed was made good: so many keys, or (`all`) the whole tier was cleared. */
  repaired: [{ tier: string; keys: number; all: boolean }]
  /** Bytes that are no entry, a changed byte, an unknown codec or key id: a miss. */
  corrupt: [{ tier: string; key?: string; error: unknown }]
  /** A damaged file was put aside and a new one begun. */
  'set-aside': [{ tier: string; error: unknown }]
  /** A tier had no room. */
  full: [{ tier: string; key?: string; error: unknown }]
  /** A loader failed where no caller is told: in the background, or where a stale value stood in. */
  'load-error': [{ key: string; error: unknown }]
  /** Write-behind gave a write up after its retries: it is in the dead-letter list. */
  'dead-letter': [{ key: string; attempts: number; error: unknown }]
  /** The news of other processes' writes is cut off, and runs again; memory was dropped. */
  'news-lost': [{ tier: string; error?: unknown }]
  'news-back': [{ tier: string }]
}

export type TierEventName = keyof TierEvents

export type TellEvent = <Name extends TierEventName>(name: Name, ...args: TierEvents[Name]) => void
