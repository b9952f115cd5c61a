/**
 * Makes up accesses, by the options of `hotset trace`: phase after phase, each a mixture of
 *
 *   popular keys   by Zipf's law, while which of them are the popular ones drifts
 *   scans          runs of keys that nobody has asked for and nobody will ask for again
 *   loops          the same run of keys, again and again from its first to its last
 *   new keys       each asked for once
 *   repeats        one of the last requests, again
 *
 * 1. The same options and seed give the same accesses.
 * 2. A key's size, and whether it has a lifetime, come of the key, and are the same whenever it comes.
 * 3. Keys are numbers: popular ones from 0, then those of loops, then those that come once.
 * 4. No table grows with the number of keys.
 *
 * Costs some 100 ns a request.
 */
import { DELETE, NO_TTL, READ, UNKNOWN_SIZE, WRITE } from '../access.js'
import { Zipf } from '../zipf.js'
import { FineRandom } from './fine-random.js'
import { fractionOf, type SizeSpec, sizeOf } from './sizes.js'

const MS_PER_SECOND = 1000
const TTL_SALT = 0x3c6ef372

export interface Phase {
  requests: number
  keys: number
  /** 0: all keys are equally popular. */
  zipf: number
  /** After so many requests the popularity moves on by one key; 0: never. */
  driftRequests: number
  /** Shares are of the requests, 0 to 1. */
  scanShare: number
  scanLength: number
  loopShare: number
  loopLength: number
  newShare: number
  repeatShare: number
  /** Among so many of the last requests. */
  repeatDistance: number
  writeShare: number
  deleteShare: number
  size: SizeSpec | undefined
  ttlMs: number
  /** Of the keys. */
  ttlShare: number
  requestsPerSecond: number
  arrivals: 'even' | 'poisson'
}

export class Generator {
  /** The request that next() made. */
  key = 0
  sizeBytes = UNKNOWN_SIZE
  ttlMs = NO_TTL
  timeMs = 0
  operation = READ
  /** Requests made so far. */
  done = 0
  private readonly random: FineRandom
  private readonly loopStart: number
  private nextFresh: number
  private zipf: Zipf
  private phaseIndex = 0
  private doneInPhase = 0
  private loopPosition = 0
  private scanLeft = 0
  private readonly recent: Float64Array
  private recentCount = 0

  constructor(
    private readonly phases: readonly Phase[],
    private readonly seed: number,
  ) {
    this.random = new FineRandom(seed)
    this.loopStart = Math.max(...phases.map(({ keys }) => keys))
    this.nextFresh = this.loopStart + Math.max(...phases.map(({ loopLength }) => loopLength))
    this.recent = new Float64Array(Math.max(1, ...phases.map((phase) => phase.repeatDistance)))
    this.zipf = new Zipf(phases[0].keys, phases[0].zipf)
  }

  get phase(): Phase {
    return this.phases[this.phaseIndex]
  }

  /** Makes the next request; false after the last one. */
  next(): boolean {
    while (this.doneInPhase >= this.phase.requests) {
      if (this.phaseIndex === this.phases.length - 1) return false
      this.phaseIndex++
      this.doneInPhase = 0
      this.scanLeft = 0
      this.zipf = new Zipf(this.phase.keys, this.phase.zipf)
    }
    const { phase } = this
    this.key = this.nextKey(phase)
    this.doneInPhase++
    this.done++
    if (phase.repeatShare > 0) this.recent[this.recentCount++ % phase.repeatDistance] = this.key
    this.operation = this.nextOperation(phase)
    this.describe(phase)
    this.timeMs += this.nextPauseMs(phase)
    return true
  }

  private nextKey(phase: Phase): number {
    if (this.scanLeft > 0) {
      this.scanLeft--
      return this.nextFresh++
    }
    const popularShare = 1 - phase.loopShare - phase.newShare - phase.repeatShare
    // Why of what is no scan: a scan is one choice that stands for all its requests.
    const scanStarts =
      phase.scanShare /
      phase.scanLength /
      (1 - phase.scanShare + phase.scanShare / phase.scanLength)
    if (phase.scanShare > 0 && this.random.nextFraction() < scanStarts) {
      this.scanLeft = phase.scanLength - 1
      return this.nextFresh++
    }
    let choice = this.random.nextFraction() * (1 - phase.scanShare)
    choice -= popularShare - phase.scanShare
    if (choice < 0) return this.popularKey(phase)
    choice -= phase.loopShare
    if (choice < 0) return this.loopStart + (this.loopPosition++ % phase.loopLength)
    choice -= phase.newShare
    if (choice < 0) return this.nextFresh++
    return this.repeatedKey(phase)
  }

  private popularKey({ keys, driftRequests }: Phase): number {
    const rank = this.zipf.next(this.random) - 1
    if (driftRequests === 0) return rank
    return (rank + Math.floor(this.doneInPhase / driftRequests)) % keys
  }

  private repeatedKey(phase: Phase): number {
    const count = Math.min(this.recentCount, phase.repeatDistance)
    if (count === 0) return this.popularKey(phase)
    return this.recent[Math.floor(this.random.nextFraction() * count)]
  }

  private nextOperation({ writeShare, deleteShare }: Phase): number {
    if (writeShare + deleteShare === 0) return READ
    const choice = this.random.nextFraction()
    if (choice < writeShare) return WRITE
    return choice < writeShare + deleteShare ? DELETE : READ
  }

  private describe({ size, ttlMs, ttlShare }: Phase): void {
    this.sizeBytes = size === undefined ? UNKNOWN_SIZE : sizeOf(size, this.key, this.seed)
    const hasTtl = ttlMs > 0 && (ttlShare === 1 || fractionOf(this.key, TTL_SALT) < ttlShare)
    this.ttlMs = hasTtl ? ttlMs : NO_TTL
  }

  private nextPauseMs({ requestsPerSecond, arrivals }: Phase): number {
    const meanMs = MS_PER_SECOND / requestsPerSecond
    return arrivals === 'even' ? meanMs : -Math.log(1 - this.random.nextFraction()) * meanMs
  }
}
