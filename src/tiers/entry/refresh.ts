/**
 * When a hit should load an entry anew before its lifetime ends.
 *
 * Times are milliseconds since the epoch; chance comes from the caller (`random`, from 0 to just below 1), so
 * that tests have none.
 */
import type { ResolvedEntryOptions } from './options.js'

/**
 * Whether a hit on a fresh entry should load it anew in the background: by `refreshAhead`, when that share of
 * its lifetime is over; by `earlyRefresh`, by XFetch's chance: where
 * `now - loadMs * earlyRefresh * ln(a random number)` has reached the end. An entry for ever is never due.
 * @param loadMs how long its last load took; 0: not known, and then no chance
 */
export function isDueEarly(
  now: number,
  createdAt: number,
  expiresAt: number,
  options: ResolvedEntryOptions,
  loadMs: number,
  random: () => number,
): boolean {
  const { refreshAhead, earlyRefresh } = options
  if (refreshAhead === 1 && earlyRefresh === 0) return false
  if (expiresAt === Number.POSITIVE_INFINITY) return false
  if (refreshAhead < 1 && now >= createdAt + refreshAhead * (expiresAt - createdAt)) return true
  if (earlyRefresh === 0 || loadMs <= 0) return false
  // Why 1 minus it: the logarithm of 0 would load at once, whatever the time.
  return now - loadMs * earlyRefresh * Math.log(1 - random()) >= expiresAt
}
