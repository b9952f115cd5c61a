/**
 * What a cache is handed on by. Why apart from handle.ts: this type is public, and must not draw the
 * engine's own declarations into those of the package.
 */
import type { SharedOptions } from './attach-options.js'
import type { ClockEpoch } from './clock.js'

/** Opaque: post it to a thread, and give it to `SharedCache.attach` there. */
export interface CacheHandle {
  readonly kind: 'hotset-cache'
  readonly layoutVersion: number
  /** A memory and a module for each bank. */
  readonly engines: readonly object[]
  readonly epoch: ClockEpoch
  readonly options: SharedOptions
}
