/**
 * Advice from a curve: which size, what longer lifetimes would bring, and what had better not be cached.
 *
 * The last two are tried: one of hotset's policies runs again at the size that is advised, first as the curve
 * had it and with longer lifetimes, then without the keys that hardly ever hit.
 *
 * 1. Of a curve that was broken off nothing is said; where the signal comes during the trials, what they have
 *    shown by then.
 * 2. No trial is made where there is nothing to ask: a trace of numbers without lifetimes, sizes and writes.
 */
import { POLICIES } from '../../policies.js'
import { hasLifetimes } from '../caches/curve-cache.js'
import type { CurveData, Trial } from '../job.js'
import { sharedArray } from '../shared-array.js'
import type { CurveResult } from '../spec.js'
import { countFirstRequests } from './first-requests.js'
import type { KeyBook } from './key-book.js'
import { adviseOnSize, curveToAdviseOn } from './knee.js'
import type { Advice, LifetimeAdvice, UncachedAdvice } from './spec.js'
import { compareTrials, plainTrial, runTrials, type TrialCase } from './trials.js'
import { findUncached, mayBeUncached } from './uncached.js'

const MIN_REQUESTS = 1000
const LONGER = 2
const ROUNDS = 2

export interface AdviceHooks {
  signal?: AbortSignal
  /** @param share done, 0 to 1; @param requests simulated so far */
  onProgress?: (share: number, requests: number) => void
}

export async function advise(
  result: CurveResult,
  data: CurveData,
  book: KeyBook,
  hooks: AdviceHooks = {},
): Promise<Advice[]> {
  const { sample } = data
  const curve = curveToAdviseOn(result.curves, POLICIES)
  if (result.interrupted || curve === undefined || sample.requests < MIN_REQUESTS) return []
  const size = adviseOnSize(curve, result, countFirstRequests(sample))
  if (size === undefined) return []
  const resolved = result.sizes.find((candidate) => candidate.size === size.size)
  if (resolved === undefined) return [size]
  const isOwn = (POLICIES as readonly string[]).includes(curve.policy)
  const trialCase = { policy: isOwn ? curve.policy : 'adaptive', size: resolved }
  return [size, ...(await new Trials(trialCase, data, book, hooks).run())]
}

class Trials {
  private requestsBefore = 0

  constructor(
    private readonly trialCase: TrialCase,
    private readonly data: CurveData,
    private readonly book: KeyBook,
    private readonly hooks: AdviceHooks,
  ) {}

  async run(): Promise<Advice[]> {
    const { sample, ttlMs } = this.data
    const asksLifetimes = hasLifetimes(sample, ttlMs)
    if (!asksLifetimes && !mayBeUncached(this.book, this.data)) return []
    const plain = plainTrial(sample)
    const longer = asksLifetimes
      ? [LONGER, Number.POSITIVE_INFINITY].map((factor) => this.trial({ lifetimeFactor: factor }))
      : []
    const done = await this.runRound(0, [plain, ...longer])
    if (!done.has(plain)) return []
    const lifetimes = longer.length > 0 && longer.every((trial) => done.has(trial))
    return [
      ...(lifetimes ? [this.lifetimeAdvice(plain, longer)] : []),
      ...(await this.uncachedAdvice(plain)),
    ]
  }

  private trial(changes: Partial<Trial>): Trial {
    return { ...plainTrial(this.data.sample), ...changes }
  }

  private lifetimeAdvice(plain: Trial, [doubled, unlimited]: Trial[]): LifetimeAdvice {
    const { policy, size } = this.trialCase
    const [{ hitRatio, ...twice }, { hitRatio: _, ...never }] = [doubled, unlimited].map((trial) =>
      compareTrials(this.data.sample, plain, trial),
    )
    return { kind: 'lifetime', policy, size: size.size, hitRatio, doubled: twice, unlimited: never }
  }

  private async uncachedAdvice(plain: Trial): Promise<UncachedAdvice[]> {
    const { sample } = this.data
    const found = findUncached(this.book, this.data, plain)
    if (found === undefined) return []
    const leftOut = sharedArray(Uint8Array, sample.keys)
    leftOut.set(found.members)
    const without = this.trial({ leftOut })
    const done = await this.runRound(1, [without])
    const rest = done.has(without) ? compareTrials(sample, plain, without, found) : undefined
    const { policy, size } = this.trialCase
    return [{ kind: 'uncached', policy, size: size.size, groups: found.groups, rest }]
  }

  private async runRound(round: number, trials: Trial[]): Promise<ReadonlySet<Trial>> {
    const { signal, onProgress } = this.hooks
    const before = this.requestsBefore
    const all = trials.length * this.data.sample.requests
    this.requestsBefore += all
    return runTrials(trials, this.trialCase, this.data, {
      signal,
      onProgress: (requests) => onProgress?.((round + requests / all) / ROUNDS, before + requests),
    })
  }
}
