/** What the parts of a cache that carry out its calls have in common. */
import type { Banks } from './banks.js'
import type { ResolvedOptions } from './options.js'
import type { ValueCodec } from './value-codec.js'

/** Banks that can be called, or that refuse every call, once the cache is closed. */
export type OpenBanks = Pick<Banks, 'all' | 'of' | 'stage' | 'release'>

export interface CallContext {
  readonly options: ResolvedOptions
  readonly codec: ValueCodec
  banks(): OpenBanks
  /** Tells of removals, once the engine is out of the call. */
  deliver(): void
}
