/**
 * The registry of a bank's threads: 128 slots in the shared memory, each with an area and a name for
 * locks to carry.
 *
 * A slot's first word tells who holds it:
 *
 *   0                    nobody
 *   id                   the thread with that id
 *   id | FAILED          the thread still runs, but its engine failed and will not touch the memory again
 *   id | RECOVERING      its holder has gone, and the thread with that id takes back what it left
 *
 * Beside it stands when the holder began; 0 while that is not known, as in a slot that nobody holds: the
 * word and the time cannot be changed at once, and who reads one of each must not take the living for dead.
 *
 * 1. A slot changes hands by compare-and-swap only.
 * 2. A slot is given to nobody before what its last holder left (locks, leases, a pending entry) is
 *    taken back: a lock's word would else name a thread that knows nothing of it.
 */
import {
  MAX_THREADS,
  REGISTRY_HOLDER,
  REGISTRY_PTR,
  REGISTRY_SLOT_BYTES,
  REGISTRY_STARTED_AT,
} from '../../assembly/constants.js'
import { isRunning, ownThread } from './thread-identity.js'

const FAILED = 0x2000_0000
const RECOVERING = 0x4000_0000
const ID_MASK = 0x1fff_ffff

export class Registry {
  readonly #words: Int32Array
  readonly #floats: Float64Array

  /** Views on a bank's whole memory. */
  constructor(words: Int32Array, floats: Float64Array) {
    this.#words = words
    this.#floats = floats
  }

  /** A free slot, now this thread's; undefined: there is none. */
  claim(): number | undefined {
    for (let slot = 0; slot < MAX_THREADS; slot++) {
      if (this.#swap(slot, 0, ownThread.id)) return this.#settle(slot)
    }
    return undefined
  }

  /** The slot of a thread that has gone, now this thread's, with all that was left in it. */
  adopt(): number | undefined {
    for (let slot = 0; slot < MAX_THREADS; slot++) {
      const holder = this.#holder(slot)
      if (holder === 0 || !this.#isRecoverable(slot, holder)) continue
      // Why not at once: the time of the old holder still stands beside.
      if (!this.#swap(slot, holder, ownThread.id | RECOVERING)) continue
      this.#settle(slot)
      Atomics.store(this.#words, this.#index(slot), ownThread.id)
      return slot
    }
    return undefined
  }

  /** To be called when nothing of this slot's holder is left. */
  release(slot: number): void {
    this.#floats[this.#startIndex(slot)] = 0
    Atomics.store(this.#words, this.#index(slot), 0)
  }

  /** From now on others take the slot's holder for dead. */
  declareFailed(slot: number): void {
    Atomics.or(this.#words, this.#index(slot), FAILED)
  }

  /** The same for all slots of a thread that is known to have ended (where the system cannot tell). */
  declareEnded(id: number): void {
    for (let slot = 0; slot < MAX_THREADS; slot++) {
      if (this.#holder(slot) === id) this.#swap(slot, id, id | FAILED)
    }
  }

  /** Whether the slot's holder will never touch the memory again. */
  isDead(slot: number): boolean {
    const holder = this.#holder(slot)
    if ((holder & FAILED) !== 0) return true
    const thread = { id: holder & ID_MASK, startedAt: this.#floats[this.#startIndex(slot)] }
    if ((holder & RECOVERING) !== 0) return true
    return holder === 0 || !isRunning(thread)
  }

  /** Calls `recover` for each slot whose holder has gone, and frees it where that answers true. */
  recoverDead(recover: (slot: number) => boolean): void {
    for (let slot = 0; slot < MAX_THREADS; slot++) {
      const holder = this.#holder(slot)
      if (holder === 0 || holder === ownThread.id || !this.#isRecoverable(slot, holder)) continue
      const mine = ownThread.id | RECOVERING
      if (!this.#swap(slot, holder, mine)) continue
      let isRecovered = false
      try {
        isRecovered = recover(slot)
      } finally {
        this.#floats[this.#startIndex(slot)] = 0
        // Why failed: what could not be locked in time, somebody may recover later.
        Atomics.store(this.#words, this.#index(slot), isRecovered ? 0 : ownThread.id | FAILED)
      }
    }
  }

  /** How many slots are held. */
  get count(): number {
    let count = 0
    for (let slot = 0; slot < MAX_THREADS; slot++) if (this.#holder(slot) !== 0) count++
    return count
  }

  #isRecoverable(slot: number, holder: number): boolean {
    if ((holder & RECOVERING) === 0) return this.isDead(slot)
    return !isRunning({ id: holder & ID_MASK, startedAt: 0 })
  }

  #settle(slot: number): number {
    this.#floats[this.#startIndex(slot)] = ownThread.startedAt
    return slot
  }

  #holder(slot: number): number {
    return Atomics.load(this.#words, this.#index(slot))
  }

  #swap(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#index(slot), from, to) === from
  }

  #index(slot: number): number {
    return (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES + REGISTRY_HOLDER) >>> 2
  }

  #startIndex(slot: number): number {
    return (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES + REGISTRY_STARTED_AT) >>> 3
  }
}
