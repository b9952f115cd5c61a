/** What `hotset` exports. */

export type { AttachOptions } from './cache/attach-options.js'
export type { CacheHandle } from './cache/cache-handle.js'
export type {
  AdaptiveConfiguration,
  CacheStats,
  CandidateStats,
  ConfigurationChangeStats,
  PolicyStats,
  ShardStats,
  SizeClassStats,
} from './cache/cache-stats.js'
export {
  CacheClosedError,
  CorruptSnapshotError,
  HotsetError,
  type HotsetErrorCode,
  IncompatibleSnapshotError,
  InvalidKeyError,
  InvalidOptionError,
  LoaderTimeoutError,
  TooManyThreadsError,
  UnserializableValueError,
} from './cache/errors.js'
export type { GetOrSetOptions, Loader, LoaderContext } from './cache/loading.js'
export { CacheNamespace } from './cache/namespace.js'
export type {
  CacheOptions,
  Clock,
  CustomCodec,
  Favor,
  NearOptions,
  Policy,
  RemoveReason,
  SetOptions,
  TraceOptions,
} from './cache/options.js'
export { type EntryInfo, SharedCache, type VerifyReport } from './cache/shared-cache.js'
export type { Duration, Size } from './cache/units.js'
