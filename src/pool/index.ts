/** What `hotset/pool` exports. */
export { CachePool } from './cache-pool.js'
export {
  LoaderModuleError,
  PoolClosedError,
  QueueFullError,
  UnknownLoaderError,
  WorkerEndedError,
} from './errors.js'
export type { CachePoolOptions } from './options.js'
export type { PiscinaOptions, PoolLoadBalancer, PoolTaskQueue } from './piscina-options.js'
export type {
  Loaded,
  LoaderArgs,
  LoaderName,
  PoolLoader,
  PoolLoaderContext,
  PoolRunOptions,
  PoolStats,
  PoolTimes,
} from './types.js'
