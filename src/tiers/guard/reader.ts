/**
 * Reads through a guard.
 *
 * 1. What is hidden is looked at before the tier is asked, and again after: a write may have failed in between.
 * 2. What is being written or invalidated is a miss: the tier may still have what was there before, and whoever
 *    reads it now would put that into the tiers above, where the change has been already.
 */
import type { TierFinding } from '../tier.js'
import type { AnswerChecks } from './answers.js'
import type { Result } from './caller.js'
import { type Covers, type GuardParts, isHidden } from './parts.js'

/** Of a finding that the guard made. */
export const HIDDEN: unique symbol = Symbol('hidden')
const NONE: readonly Covers[] = []
const MISS: TierFinding = { entry: undefined, seen: HIDDEN }

export class GuardedReader {
  readonly #parts: GuardParts
  readonly #checks: AnswerChecks

  constructor(parts: GuardParts, checks: AnswerChecks) {
    this.#parts = parts
    this.#checks = checks
  }

  async get(key: string): Promise<TierFinding | undefined> {
    if (!this.#isSettled(key)) return MISS
    const invalidating = this.#invalidating()
    const asked = this.#ask(key)
    // Why not awaited in any case: it would be a turn of the microtask queue.
    const result = asked instanceof Promise ? await asked : asked
    return result.isDone ? this.#shown(key, result.value, invalidating) : undefined
  }

  #ask(key: string): Result<TierFinding> | Promise<Result<TierFinding>> {
    const { caller, options, tier } = this.#parts
    const call = { operation: 'get', kind: 'read', timeoutMs: options.timeoutMs } as const
    const { getAtOnce } = tier
    if (getAtOnce !== undefined) {
      return caller.callAtOnce(call, () => this.#checks.finding('get', getAtOnce.call(tier, key)))
    }
    const attempt = async () => this.#checks.finding('get', await tier.get(key))
    return caller.call({ ...call, attempt })
  }

  async getMany(keys: readonly string[]): Promise<TierFinding[] | undefined> {
    const asked = keys.filter((key) => this.#isSettled(key))
    if (asked.length === 0) return keys.map(() => MISS)
    const invalidating = this.#invalidating()
    const result = await this.#parts.caller.call({
      operation: 'getMany',
      kind: 'read',
      timeoutMs: this.#parts.options.timeoutMs,
      attempt: async () =>
        this.#checks.findings('getMany', await this.#parts.tier.getMany(asked), asked.length),
    })
    if (!result.isDone) return undefined
    if (asked.length === keys.length) {
      return result.value.map((finding, index) => this.#shown(keys[index], finding, invalidating))
    }
    const found = new Map(asked.map((key, index) => [key, result.value[index]]))
    return keys.map((key) => {
      const finding = found.get(key)
      return finding === undefined ? MISS : this.#shown(key, finding, invalidating)
    })
  }

  /** @param onFailure the tier failed: what comes ends early */
  async *keys(prefix?: string, onFailure?: () => void): AsyncGenerator<string, void, undefined> {
    let iterator: AsyncIterator<string> | undefined
    try {
      for (;;) {
        const step = await this.#parts.caller.call({
          operation: 'keys',
          kind: 'once',
          timeoutMs: this.#parts.options.scanTimeoutMs,
          attempt: async () => {
            // Why awaited, though it is no promise: one that a tier answers in its place must not reject unheard.
            iterator ??= (await this.#parts.tier.keys(prefix))[Symbol.asyncIterator]()
            return this.#checks.step(await iterator.next())
          },
        })
        if (!step.isDone) onFailure?.()
        if (!step.isDone || step.value.done) return
        if (!isHidden(this.#parts, step.value.value)) yield step.value.value
      }
    } finally {
      // Why not awaited: it ends when the step that hangs ends.
      endWalk(iterator)
    }
  }

  #isSettled(key: string): boolean {
    return !isHidden(this.#parts, key) && !this.#parts.lanes.isBusy(key)
  }

  /** Those that are under way as a read begins. What begins later is seen by who puts the answer elsewhere. */
  #invalidating(): readonly Covers[] {
    const { invalidating } = this.#parts
    return invalidating.size === 0 ? NONE : [...invalidating]
  }

  #shown(key: string, finding: TierFinding, invalidating: readonly Covers[]): TierFinding {
    const tags = finding.entry?.tags ?? []
    if (invalidating.some((covers) => covers(key, tags))) return MISS
    return isHidden(this.#parts, key, tags) ? MISS : finding
  }
}

async function endWalk(iterator: AsyncIterator<string> | undefined): Promise<void> {
  try {
    await iterator?.return?.()
  } catch {
    // What it has read is read.
  }
}
