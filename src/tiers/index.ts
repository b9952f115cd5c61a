/** What `hotset/tiers` exports. */

export { diskTier } from './disk/disk-tier.js'
export type { DiskTierOptions } from './disk/options.js'
export type { EntryOptions } from './entry/options.js'
export type { TierEventName, TierEvents } from './events.js'
export type { GuardBreakerOptions, GuardOptions, GuardRetryOptions } from './guard/options.js'
export {
  type GivenCache,
  type MemoryTierOptions,
  type MemoryTierSpec,
  memoryTier,
} from './memory/memory-options.js'
export type { TieredCacheOptions } from './options.js'
export type {
  NotModified,
  StaleValue,
  TieredLoader,
  TieredLoaderContext,
} from './reading/load-call.js'
export type { TieredEntry } from './reading/reader.js'
export { PayloadError, type PayloadErrorReason } from './record/payload-error.js'
export type {
  CompressionOptions,
  EncryptionOptions,
  PayloadOptions,
} from './record/payload-options.js'
export type { RedisTierOptions } from './redis/options.js'
export { redisTier } from './redis/redis-tier.js'
export type { AccessAction, AccessRule } from './rules/access-rules.js'
export type { DependencyGraph } from './rules/dependencies.js'
export { AccessDeniedError, EventFieldError } from './rules/errors.js'
export type { EventRule, EventRuleOptions } from './rules/event-rules.js'
export { lifetimes } from './rules/lifetimes.js'
export type { Profile, ProfileOptions } from './rules/profiles.js'
export type { LowerTierStats, TieredStats } from './stats.js'
export type { DeadLetter } from './store/dead-letter.js'
export {
  JournalCorruptError,
  JournalError,
  JournalFullError,
  JournalLockedError,
} from './store/errors.js'
export type { Store, StoreItem, StoreLoadContext } from './store/store.js'
export type {
  FlushOptions,
  FlushResult,
  PendingValue,
  SaveContext,
  SaveOutcome,
  StoreWriter,
  StoreWriterHost,
} from './store/store-writer.js'
export { WriteBehindWriter, writeBehind } from './store/write-behind.js'
export type { WriteBehindOptions } from './store/write-behind-options.js'
export { writeAround, writeThrough } from './store/write-through.js'
export type {
  Tier,
  TierEntry,
  TierFinding,
  TierHost,
  TierItem,
  TierLease,
  TierNews,
  TierProblem,
  TierSetOptions,
} from './tier.js'
export { type GetOrSetCallOptions, TieredCache } from './tiered-cache.js'
export type { DeleteResult, TierOutcome, WriteResult } from './writing/result.js'
