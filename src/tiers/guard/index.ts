/** The guard around a lower tier: timeouts, retries, a circuit breaker, and repair of what the tier missed. */
export { TierAnswerError, TierDownError, TierTimeoutError } from './errors.js'
export type { GuardStats } from './figures.js'
export {
  type CountOutcome,
  type DoneOutcome,
  GuardedTier,
  type KeysOutcome,
  type TakeOutcome,
} from './guarded-tier.js'
export {
  type GuardBreakerOptions,
  type GuardOptions,
  type GuardRetryOptions,
  type ResolvedGuard,
  resolveGuard,
} from './options.js'
export type { WriteOutcome } from './setter.js'
