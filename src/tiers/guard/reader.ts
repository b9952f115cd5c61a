/**
 * Reads through a guard. What is hidden is looked at before the tier is asked, and again after: a write may
 * have failed in between.
 */
import type { TierFinding } from '../tier.js'
import type { AnswerChecks } from './answers.js'
import { type GuardParts, isHidden } from './parts.js'

/** Of a finding that the guard made. */
export const HIDDEN: unique symbol = Symbol('hidden')
const MISS: TierFinding = { entry: undefined, seen: HIDDEN }

export class GuardedReader {
  readonly #parts: GuardParts
  readonly #checks: AnswerChecks

  constructor(parts: GuardParts, checks: AnswerChecks) {
    this.#parts = parts
    this.#checks = checks
  }

  async get(key: string): Promise<TierFinding | undefined> {
    if (isHidden(this.#parts, key)) return MISS
    const result = await this.#parts.caller.call({
      operation: 'get',
      kind: 'read',
      timeoutMs: this.#parts.options.timeoutMs,
      attempt: async () => this.#checks.finding('get', await this.#parts.tier.get(key)),
    })
    return result.isDone ? this.#shown(key, result.value) : undefined
  }

  async getMany(keys: readonly string[]): Promise<TierFinding[] | undefined> {
    const asked = keys.filter((key) => !isHidden(this.#parts, key))
    if (asked.length === 0) return keys.map(() => MISS)
    const result = await this.#parts.caller.call({
      operation: 'getMany',
      kind: 'read',
      timeoutMs: this.#parts.options.timeoutMs,
      attempt: async () =>
        this.#checks.findings('getMany', await this.#parts.tier.getMany(asked), asked.length),
    })
    if (!result.isDone) return undefined
    if (asked.length === keys.length) {
      return result.value.map((finding, index) => this.#shown(keys[index], finding))
    }
    const found = new Map(asked.map((key, index) => [key, result.value[index]]))
    return keys.map((key) => {
      const finding = found.get(key)
      return finding === undefined ? MISS : this.#shown(key, finding)
    })
  }

  /** Ends early where the tier fails. */
  async *keys(prefix?: string): AsyncGenerator<string, void, undefined> {
    let iterator: AsyncIterator<string> | undefined
    try {
      for (;;) {
        const step = await this.#parts.caller.call({
          operation: 'keys',
          kind: 'once',
          timeoutMs: this.#parts.options.scanTimeoutMs,
          attempt: async () => {
            iterator ??= this.#parts.tier.keys(prefix)[Symbol.asyncIterator]()
            return iterator.next()
          },
        })
        if (!step.isDone || step.value.done) return
        if (!isHidden(this.#parts, step.value.value)) yield step.value.value
      }
    } finally {
      // Why not awaited: it ends when the step that hangs ends.
      Promise.resolve(iterator?.return?.()).catch(() => undefined)
    }
  }

  #shown(key: string, finding: TierFinding): TierFinding {
    return isHidden(this.#parts, key, finding.entry?.tags) ? MISS : finding
  }
}
