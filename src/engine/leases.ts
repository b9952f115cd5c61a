/**
 * The leases of keys that are being loaded (assembly/struct/lease.ts), as one thread sees them: whether it holds
 * one, and waiting, without blocking the event loop, for those that others hold.
 */
import { LEASE_GENERATION, LEASE_HOLDER, LEASE_VOID } from '../../assembly/constants.js'

interface AsyncWaiting {
  waitAsync(
    words: Int32Array,
    index: number,
    expected: number,
    timeoutMs: number,
  ): { async: false } | { async: true; value: Promise<unknown> }
}

const { waitAsync } = Atomics as unknown as AsyncWaiting

export class Leases {
  readonly #words: Int32Array
  /** As a lease names its holder. */
  readonly #holder: number

  constructor(words: Int32Array, slotIndex: number) {
    this.#words = words
    this.#holder = slotIndex + 1
  }

  /** Whether this thread has the lease, of that generation, and (unless void is allowed) may store under it. */
  holds(lease: number, generation: number, isVoidAllowed = false): boolean {
    const holder = Atomics.load(this.#words, (lease + LEASE_HOLDER) >>> 2)
    const isOwn = (isVoidAllowed ? holder & ~LEASE_VOID : holder) === this.#holder
    const at = (lease + LEASE_GENERATION) >>> 2
    return isOwn && Atomics.load(this.#words, at) >>> 0 === generation
  }

  /** Resolves when the lease has ended or changed hands, or the time is over; never rejects. */
  waitFor(lease: number, generation: number, timeoutMs: number): Promise<void> {
    const at = (lease + LEASE_GENERATION) >>> 2
    const waiting = waitAsync(this.#words, at, generation | 0, timeoutMs)
    if (!waiting.async) return Promise.resolve()
    // Why a timer beside waitAsync: that alone does not keep the process alive, and whoever would wake us may
    // have died.
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      waiting.value.then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
