/**
 * Rights to load a key that one process at a time has: a key in Redis with a token and a lifetime.
 *
 * 1. Tokens of a key grow: by the server's clock, and by the last one while that is remembered.
 * 2. A holder that dies loses the lease when its time is over; so does one that is late, and what it then
 *    stores is refused (`STORE_IF_UNCHANGED`).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TierLease } from '../tier.js'
import type { Context } from './context.js'
import { ACQUIRE_LEASE, RELEASE_LEASE } from './scripts.js'

const FENCE_KEPT_MS = 24 * 60 * 60 * 1000
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 100

export class Leases {
  readonly #context: Context
  /** Who waits for a lease to end, by its name in Redis. */
  readonly #waiting = new Map<string, Set<AbortController>>()

  constructor(context: Context) {
    this.#context = context
  }

  async acquire(key: string, ttlMs: number): Promise<TierLease | undefined> {
    const { link, names } = this.#context
    const name = names.lease(key)
    const times = [String(Math.ceil(ttlMs)), String(FENCE_KEPT_MS)]
    const token = await ACQUIRE_LEASE.run(link, [name, names.fence(key)], times)
    if (token === null) return undefined
    const release = async () => {
      // Why nothing where it fails: the lease ends by itself.
      await RELEASE_LEASE.run(link, [name], [String(token)]).catch(() => {})
      this.changed(name)
    }
    return { key, fencingToken: Number(String(token)), release }
  }

  async end(key: string, timeoutMs: number): Promise<void> {
    const { link, names } = this.#context
    const name = names.lease(key)
    const deadline = performance.now() + timeoutMs
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      // Order: begin to listen, then look, so that no end falls between.
      const woken = new AbortController()
      const waiting = this.#waiting.get(name) ?? new Set()
      this.#waiting.set(name, waiting.add(woken))
      try {
        // Why over where it fails: who asks for the lease then is told so at once, and nobody waits for nothing.
        const isHeld = await link.send(name, ['EXISTS', name]).catch(() => 0)
        const leftMs = deadline - performance.now()
        if (isHeld === 0 || leftMs <= 0) return
        const wait = sleep(Math.min(pauseMs, leftMs), undefined, { signal: woken.signal })
        await wait.catch(() => {})
      } finally {
        waiting.delete(woken)
        if (waiting.size === 0) this.#waiting.delete(name)
      }
    }
  }

  /** The lease of this name was taken, given back, or is over. */
  changed(name: string): void {
    for (const woken of this.#waiting.get(name) ?? []) woken.abort()
  }
}
