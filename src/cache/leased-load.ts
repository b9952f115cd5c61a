/**
 * Claims over all threads, by the leases of the engine (assembly/sync/leases.ts).
 *
 * A thread that waits looks at the lease at least every POLL_MS, so that one of a thread that died is
 * taken over well within a second.
 */
import {
  LEASE_AHEAD,
  LEASE_FORCED,
  LEASE_HELD,
  LEASE_NEEDLESS,
  LEASE_PATIENT,
  LEASE_TAKEN,
  LEASE_UNLESS_DEAD,
  SET_IF_LEASED,
  SET_IF_STAMPED,
  THREAD_LEASE,
  THREAD_LEASE_GENERATION,
  THREAD_STAMP_INDEX,
} from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'
import type { ClaimMode, LoadClaim } from './loading/claim.js'

const POLL_MS = 300

const LEASE_MODES: Record<ClaimMode, number> = {
  join: LEASE_PATIENT,
  retry: LEASE_UNLESS_DEAD,
  force: LEASE_FORCED,
  ahead: LEASE_AHEAD,
}

export class LeasedLoad implements LoadClaim {
  readonly elsewhere: Promise<void> | undefined
  readonly isNeedless: boolean
  /** How the result is to be stored: SET_IF_LEASED or SET_IF_STAMPED, and what stands for the version. */
  readonly setMode: number
  readonly version: number
  /** On the cache's clock, where loads are timed; else 0. */
  readonly begunAtMs: number
  /** Of each bank, when the load began. */
  readonly tagEpochs: readonly number[]
  readonly #banks: readonly Engine[]
  readonly #engine: Engine
  /** 0: there was no place for a lease. */
  readonly #lease: number
  /** Where the key's stamp stands in the engine's words. */
  readonly #stampIndex: number

  /** @param engine the bank in which the key is staged */
  constructor(
    engine: Engine,
    banks: readonly Engine[],
    keyChars: number,
    mode: ClaimMode,
    begunAtMs: number,
  ) {
    this.begunAtMs = begunAtMs
    this.#engine = engine
    this.#banks = banks
    this.tagEpochs = epochsOf(banks)
    const status = engine.exports.beginLoad(keyChars, engine.key.wide, LEASE_MODES[mode])
    const lease = engine.result(THREAD_LEASE)
    this.isNeedless = status === LEASE_NEEDLESS
    this.#stampIndex = engine.stampsIndex + engine.result(THREAD_STAMP_INDEX)
    this.version = engine.result(THREAD_LEASE_GENERATION)
    this.#lease = status === LEASE_TAKEN ? lease : 0
    this.setMode = status === LEASE_TAKEN ? SET_IF_LEASED : SET_IF_STAMPED
    this.elsewhere =
      status === LEASE_HELD ? engine.leases.waitFor(lease, this.version, POLL_MS) : undefined
  }

  isCurrent(): boolean {
    if (this.elsewhere !== undefined) return true
    const isUnchanged =
      this.#lease === 0
        ? Atomics.load(this.#engine.words, this.#stampIndex) >>> 0 === this.version
        : this.#engine.leases.holds(this.#lease, this.version)
    if (!isUnchanged) return false
    return areEpochs(this.#banks, this.tagEpochs)
  }

  end(): void {
    if (this.#lease === 0 || !this.#engine.leases.holds(this.#lease, this.version, true)) return
    this.#engine.exports.endLoad(this.#lease, this.version)
  }
}

/** Takes no lease: whoever loads the key in this thread's stead may have one. Goes by the stamp of the key. */
export class WatchedLoad implements LoadClaim {
  readonly elsewhere = undefined
  /** As a LeasedLoad has them, for who stores the result himself. */
  readonly setMode = SET_IF_STAMPED
  readonly version: number
  readonly begunAtMs: number
  readonly tagEpochs: readonly number[]
  readonly #engine: Engine
  readonly #banks: readonly Engine[]
  readonly #stampIndex: number

  /** @param engine the bank in which the key is staged */
  constructor(engine: Engine, banks: readonly Engine[], keyChars: number, begunAtMs: number) {
    this.begunAtMs = begunAtMs
    this.#engine = engine
    this.#banks = banks
    this.#stampIndex = engine.stampIndexOf(keyChars)
    this.version = Atomics.load(engine.words, this.#stampIndex)
    this.tagEpochs = epochsOf(banks)
  }

  isCurrent(): boolean {
    const stamp = Atomics.load(this.#engine.words, this.#stampIndex)
    return stamp === this.version && areEpochs(this.#banks, this.tagEpochs)
  }

  end(): void {}
}

function epochsOf(banks: readonly Engine[]): readonly number[] {
  return banks.map(({ tagEpoch }) => tagEpoch)
}

function areEpochs(banks: readonly Engine[], epochs: readonly number[]): boolean {
  return banks.every((bank, index) => bank.tagEpoch === epochs[index])
}
