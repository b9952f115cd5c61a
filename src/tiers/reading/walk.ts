/**
 * The way down: a key that memory lacks is asked of each lower tier in turn, and what is found is put into those
 * above that lacked it.
 *
 * 1. What is found is promoted only where the key has not changed meanwhile: in memory by a claim taken before the
 *    first question, in the tiers between by what they were seen to hold, and in both only where this process was
 *    changing nothing that concerns it since the first question (writing/changes.ts).
 * 2. A stale entry is remembered, and the way goes on: a tier further down may have a fresh one.
 * 3. Tiers that news may not reach at the moment are left out (`trusted`).
 */
import type { LoadClaim } from '../../cache/loading/claim.js'
import { promotedEntry, promotedLifetime } from '../entry/lifetimes.js'
import type { ResolvedEntryOptions } from '../entry/options.js'
import type { Found, Look, LowerTier } from '../lower-tier.js'
import type { MemoryTier } from '../memory/memory-tier.js'
import type { TierItem } from '../tier.js'
import type { Background } from '../writing/background.js'
import type { Changes, Mark } from '../writing/changes.js'
import { renew } from './renewal.js'

export interface Walked<V> {
  /** A fresh entry, or one that is known to be absent. */
  readonly fresh: Found<V> | undefined
  readonly stale: Found<V> | undefined
  /** The name of the tier that had the one or the other. */
  readonly tier: string | undefined
  /** What each lower tier was seen to hold, for conditional sets. */
  readonly seen: readonly Look<V>['seen'][]
  /** When the first tier was asked, as Changes counts. */
  readonly mark: Mark
}

/** What a walk needs of the cache. */
export interface WalkContext<V> {
  readonly memory: MemoryTier<V>
  readonly lower: readonly LowerTier<V>[]
  readonly background: Background
  readonly changes: Changes
  /** Wall clock, ms. */
  now(): number
  /** Whether what is in this tier may be answered now. */
  isTrusted(index: number): boolean
}

export async function walk<V>(context: WalkContext<V>, key: string): Promise<Walked<V>> {
  const seen: Look<V>['seen'][] = []
  const mark = context.changes.mark(key)
  let stale: Found<V> | undefined
  let staleTier: string | undefined
  for (let index = 0; index < context.lower.length; index++) {
    if (!context.isTrusted(index)) continue
    const tier = context.lower[index]
    const look = await tier.look(key)
    seen[index] = look.seen
    const { found } = look
    if (found === undefined) continue
    if (isFresh(found, context.now())) return { fresh: found, stale, tier: tier.name, seen, mark }
    if (stale === undefined && found.value !== undefined) {
      stale = found
      staleTier = tier.name
    }
  }
  return { fresh: undefined, stale, tier: staleTier, seen, mark }
}

/**
 * The tiers below the one where a walk ended are asked what they hold: what is loaded all the same is to be stored
 * there too, where nothing changes until then.
 */
export async function seeAll<V>(
  { lower, isTrusted }: WalkContext<V>,
  key: string,
  walked: Walked<V>,
): Promise<Walked<V>> {
  const end = lower.findIndex(({ name }) => name === walked.tier)
  const seen = lower.map(async ({ guard }, index) => {
    if (index <= end || !isTrusted(index)) return walked.seen[index]
    const finding = await guard.get(key)
    return finding && { seen: finding.seen }
  })
  return { ...walked, seen: await Promise.all(seen) }
}

/** As walk() for many keys, a question a tier. In the order of the keys. */
export async function walkMany<V>(
  context: WalkContext<V>,
  keys: readonly string[],
): Promise<Walked<V>[]> {
  const results = keys.map((key) => ({
    fresh: undefined as Found<V> | undefined,
    stale: undefined as Found<V> | undefined,
    tier: undefined as string | undefined,
    seen: [] as Look<V>['seen'][],
    mark: context.changes.mark(key),
  }))
  let open = keys.map((_, place) => place)
  for (let index = 0; index < context.lower.length && open.length > 0; index++) {
    if (!context.isTrusted(index)) continue
    const tier = context.lower[index]
    const looks = await tier.lookMany(open.map((place) => keys[place]))
    const now = context.now()
    open = open.filter((place, nth) => {
      const { found, seen } = looks[nth]
      const result = results[place]
      result.seen[index] = seen
      if (found === undefined) return true
      const fresh = isFresh(found, now)
      if (fresh) result.fresh = found
      else if (result.stale === undefined && found.value !== undefined) result.stale = found
      else return true
      result.tier = tier.name
      return !fresh
    })
  }
  return results
}

/** A key with what was found of it. */
export interface Finding<V> {
  readonly key: string
  readonly walked: Walked<V>
  readonly options: ResolvedEntryOptions
  /** Taken before the first question. */
  readonly claim: LoadClaim
}

/** Puts what was found into memory, and into the tiers between. */
export function promote<V>(context: WalkContext<V>, findings: readonly Finding<V>[]): void {
  const { memory, now } = context
  const still = findings.filter(
    ({ key, walked, claim }) =>
      walked.fresh !== undefined &&
      claim.isCurrent() &&
      isStillSo(context, key, walked, walked.fresh),
  )
  for (const { key, walked, options, claim } of still) {
    const { fresh } = walked
    // Why not where it is being loaded: to memory this would be a write, which makes the load void.
    if (fresh === undefined || memory.isLoading(key)) continue
    const lifetime = promotedLifetime(fresh.entry, memory, options, now())
    if (fresh.value === undefined) memory.promoteAbsent(key, lifetime, claim)
    else memory.promote(key, fresh.value, lifetime, claim, fresh.packed)
  }
  promoteBetween(context, still)
  renew(
    context,
    findings.filter(({ key }) => !memory.isLoading(key)),
  )
}

/** Whether nothing has concerned the entry since the first tier was asked, as far as that is known here. */
export function isStillSo<V>(
  { changes }: WalkContext<V>,
  key: string,
  { mark }: Walked<V>,
  { entry }: Found<V>,
): boolean {
  return changes.isClean(mark, key, entry.tags)
}

/** Puts what was found into the tiers between memory and the one that had it: one call a tier. */
export function promoteBetween<V>(
  { lower, background, now, isTrusted }: WalkContext<V>,
  findings: readonly Omit<Finding<V>, 'claim'>[],
): void {
  for (let index = 0; index < lower.length - 1; index++) {
    if (!isTrusted(index)) continue
    const { guard } = lower[index]
    const items: TierItem[] = []
    for (const { key, walked, options } of findings) {
      const { fresh, seen } = walked
      const ifUnchanged = seen[index]
      if (fresh === undefined || ifUnchanged === undefined || walked.tier === guard.name) continue
      const entry = promotedEntry(fresh.entry, lower[index], options, now())
      items.push({ key, entry, options: { ifUnchanged } })
    }
    if (items.length === 1) {
      background.add(guard.set(items[0].key, items[0].entry, items[0].options))
    } else if (items.length > 1) background.add(guard.setMany(items))
  }
}

function isFresh<V>({ entry }: Found<V>, now: number): boolean {
  return now < entry.expiresAt
}
