/** What `hotset/tiers` exports. */

export type { TierEventName, TierEvents } from './events.js'
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
