/**
 * Ready-made options for the four kinds of entries that most caches have, to be used in a profile
 * (`extends: 'static'`) or a call (`{ ...lifetimes.session }`).
 *
 * | name        | lives  | jitter | grace | answers stale while it loads | loads ahead | sliding |
 * |-------------|--------|--------|-------|------------------------------|-------------|---------|
 * | `static`    | 7 days | 0.1    | 1 day | for all of its grace         | at 0.9      | no      |
 * | `frequent`  | 10 min | 0.1    | 1 h   | for 1 min                    | at 0.8      | no      |
 * | `temporary` | 1 min  | 0      | none  | no                           | never       | no      |
 * | `session`   | 30 min | 0      | none  | no                           | never       | yes     |
 */
import type { EntryOptions } from '../entry/options.js'

export const LIFETIME_NAMES = ['static', 'frequent', 'temporary', 'session'] as const
export type LifetimeName = (typeof LIFETIME_NAMES)[number]

export const lifetimes: Readonly<Record<LifetimeName, Readonly<EntryOptions>>> = Object.freeze({
  /** Changes with a release: texts, settings, pictures. An old one is better than waiting. */
  static: Object.freeze({
    ttl: '7d',
    ttlJitter: 0.1,
    grace: '1d',
    staleWhileRevalidate: true,
    refreshAhead: 0.9,
    sliding: false,
  }),
  /** Read all the time, changed now and then: users, products. Loaded anew before anybody has to wait. */
  frequent: Object.freeze({
    ttl: '10m',
    ttlJitter: 0.1,
    grace: '1h',
    staleWhileRevalidate: '1m',
    refreshAhead: 0.8,
    sliding: false,
  }),
  /** Good for a moment only, and never stale: results of a search, one-time codes. */
  temporary: Object.freeze({
    ttl: '1m',
    ttlJitter: 0,
    grace: 0,
    staleWhileRevalidate: false,
    refreshAhead: 1,
    sliding: false,
  }),
  /** Ends when it has not been used for half an hour, and is never stale. */
  session: Object.freeze({
    ttl: '30m',
    ttlJitter: 0,
    grace: 0,
    staleWhileRevalidate: false,
    refreshAhead: 1,
    sliding: true,
  }),
})
