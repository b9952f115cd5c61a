/** What the parts of one guard share. */
import type { TellEvent } from '../events.js'
import type { Tier } from '../tier.js'
import type { TierCaller } from './caller.js'
import type { Lanes } from './lanes.js'
import type { ResolvedGuard } from './options.js'
import type { Repairs } from './repairs.js'

/** Whether an invalidation concerns an entry. */
export type Covers = (key: string, tags: readonly string[]) => boolean

export interface GuardParts {
  readonly tier: Tier
  readonly options: ResolvedGuard
  readonly tell: TellEvent
  readonly caller: TierCaller
  readonly lanes: Lanes
  readonly repairs: Repairs
  /** Of the invalidations that are under way. */
  readonly invalidating: Set<Covers>
  /** Something was marked for repair. */
  marked(): void
}

/** Whether what the tier has under the key may be outdated: an entry with these tags, or any. */
export function isHidden(parts: GuardParts, key: string, tags: readonly string[] = []): boolean {
  return parts.repairs.hidesEntry(key, tags) || parts.lanes.isStuck(key)
}
