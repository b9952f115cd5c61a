/**
 * Sliding entries that a read has found below memory: they get their whole lifetime again, in the tier that had them
 * and in all below it.
 *
 * 1. An entry is renewed where HELD_SHARE of its lifetime has gone since it was renewed last (entry/lifetimes.ts).
 *    So it costs a tier a write in that time, however often it is read, and by however many processes.
 * 2. A tier stores it only over what it was seen to hold (`ifUnchanged`): what was set, deleted, expired or
 *    invalidated meanwhile stays so.
 * 3. In a tier below the one that had it only the same entry is renewed, not another one that is there under its key.
 * 4. To those who have seen the entry before, a renewed one is the same: it keeps no load from being stored. What is
 *    being loaded in this process is not renewed all the same, as not every tier can tell (`renews`).
 *
 * All of it goes on in the background; a tier that fails has not renewed it.
 */
import { isDueToRenew, renewedEntry } from '../entry/lifetimes.js'
import type { GuardedTier } from '../guard/guarded-tier.js'
import type { TierEntry, TierItem } from '../tier.js'
import type { Finding, WalkContext } from './walk.js'

type Read<V> = Pick<Finding<V>, 'key' | 'walked'>

/** An entry that is to be renewed. */
interface Due {
  readonly key: string
  readonly entry: TierEntry
  /** The index of the tier that had it. */
  readonly foundIn: number
  readonly seen: unknown
}

export function renew<V>(context: WalkContext<V>, reads: readonly Read<V>[]): void {
  const { lower, background, now, isTrusted } = context
  const due = reads.flatMap((read) => dueOf(context, read))
  if (due.length === 0) return
  for (let index = 0; index < lower.length; index++) {
    const here = due.filter(({ foundIn }) => foundIn === index)
    const above = due.filter(({ foundIn }) => foundIn < index)
    if (here.length + above.length === 0 || !isTrusted(index)) continue
    background.add(renewIn(lower[index].guard, here, above, now))
  }
}

function dueOf<V>({ lower, now }: WalkContext<V>, { key, walked }: Read<V>): Due[] {
  const { fresh, tier, seen } = walked
  if (fresh === undefined || !isDueToRenew(fresh.entry, now())) return []
  const foundIn = lower.findIndex(({ name }) => name === tier)
  return [{ key, entry: fresh.entry, foundIn, seen: seen[foundIn]?.seen }]
}

/** @param above what tiers above this one had */
async function renewIn(
  guard: GuardedTier,
  here: readonly Due[],
  above: readonly Due[],
  now: () => number,
): Promise<void> {
  const looks = above.length === 0 ? [] : await guard.getMany(above.map(({ key }) => key))
  const items = here.map(({ key, entry, seen }) => renewal(key, entry, seen, now()))
  looks?.forEach(({ entry, seen }, nth) => {
    if (entry === undefined || !isSame(entry, above[nth].entry)) return
    if (now() >= entry.expiresAt || !isDueToRenew(entry, now())) return
    items.push(renewal(above[nth].key, entry, seen, now()))
  })
  if (items.length > 0) await guard.setMany(items)
}

function renewal(key: string, entry: TierEntry, seen: unknown, now: number): TierItem {
  return { key, entry: renewedEntry(entry, now), options: { ifUnchanged: { seen }, renews: true } }
}

function isSame(one: TierEntry, other: TierEntry): boolean {
  return one.createdAt === other.createdAt && Buffer.compare(one.payload, other.payload) === 0
}
