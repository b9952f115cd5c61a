/**
 * Invalidations of more than single keys: by tags, prefix, pattern, and of everything.
 *
 * 1. They wait for nothing, and nothing waits for them. A write that was under way when one was begun is not
 *    left as it was stored (Lanes.invalidate); a write begun later may fall to it: an entry lost, none outdated.
 * 2. While one is under way, what it covers is not read (reader.ts).
 * 3. One that failed is marked, and done again by Recovery.
 */
import { compilePattern } from '../../cache/key-pattern.js'
import type { AnswerChecks } from './answers.js'
import type { CallKind, Result } from './caller.js'
import { isCallerError } from './errors.js'
import type { Covers, GuardParts } from './parts.js'

/** What an invalidation covers, and how it is marked and unmarked. */
interface Range<T> {
  readonly operation: string
  readonly timeoutMs: number
  readonly covers: Covers
  call(): Promise<T>
  mark(begun: number): void
  done(begun: number): void
}

export class RangeWriter {
  readonly #parts: GuardParts
  readonly #checks: AnswerChecks
  /** How many calls have timed out and not settled, and when the last of them did. */
  underWay = 0
  underWaySince = 0

  constructor(parts: GuardParts, checks: AnswerChecks) {
    this.#parts = parts
    this.#checks = checks
  }

  tags(tags: readonly string[], soft: boolean, kind: CallKind): Promise<Result<void>> {
    const asked = new Set(tags)
    return this.#write(kind, {
      operation: 'invalidateTags',
      timeoutMs: this.#parts.options.timeoutMs,
      covers: (_key, ofEntry) => ofEntry.some((tag) => asked.has(tag)),
      call: () => this.#parts.tier.invalidateTags(tags, soft),
      mark: (begun) => this.#parts.repairs.markTags(tags, soft, begun),
      done: (begun) => this.#parts.repairs.doneTags(tags, soft, begun),
    })
  }

  prefix(prefix: string, kind: CallKind): Promise<Result<number>> {
    return this.#write(kind, {
      operation: 'deleteByPrefix',
      timeoutMs: this.#parts.options.scanTimeoutMs,
      covers: (key) => key.startsWith(prefix),
      call: async () => {
        const count = await this.#parts.tier.deleteByPrefix(prefix)
        return this.#checks.count('deleteByPrefix', count)
      },
      mark: (begun) => this.#parts.repairs.markPrefix(prefix, begun),
      done: (begun) => this.#parts.repairs.donePrefix(prefix, begun),
    })
  }

  /** `glob`: where it is no pattern the answer is a failure with an InvalidOptionError. */
  async pattern(glob: string, kind: CallKind): Promise<Result<number>> {
    let test: (key: string) => boolean
    try {
      test = compilePattern(glob).test
    } catch (error) {
      return { isDone: false, error, isUnderWay: false }
    }
    return this.#write(kind, {
      operation: 'deleteByPattern',
      timeoutMs: this.#parts.options.scanTimeoutMs,
      covers: test,
      call: async () => {
        const count = await this.#parts.tier.deleteByPattern(glob)
        return this.#checks.count('deleteByPattern', count)
      },
      mark: (begun) => this.#parts.repairs.markPattern(glob, begun),
      done: (begun) => this.#parts.repairs.donePattern(glob, begun),
    })
  }

  clear(kind: CallKind): Promise<Result<void>> {
    return this.#write(kind, {
      operation: 'clear',
      timeoutMs: this.#parts.options.scanTimeoutMs,
      covers: () => true,
      call: () => this.#parts.tier.clear(),
      mark: (begun) => this.#parts.repairs.markAll(begun),
      done: (begun) => this.#parts.repairs.doneAll(begun),
    })
  }

  async #write<T>(kind: CallKind, range: Range<T>): Promise<Result<T>> {
    const { invalidating } = this.#parts
    // Why another one: two invalidations may cover the same, by the same function.
    const covers: Covers = (key, tags) => range.covers(key, tags)
    invalidating.add(covers)
    try {
      return await this.#send(kind, range)
    } finally {
      invalidating.delete(covers)
    }
  }

  async #send<T>(kind: CallKind, range: Range<T>): Promise<Result<T>> {
    const begun = this.#parts.repairs.next()
    this.#parts.lanes.invalidate(range.covers)
    const result = await this.#parts.caller.call({
      operation: range.operation,
      kind,
      timeoutMs: range.timeoutMs,
      attempt: () => range.call(),
      late: () => {
        this.underWay--
      },
    })
    if (result.isDone) {
      range.done(begun)
      return result
    }
    if (result.isUnderWay) {
      this.underWay++
      this.underWaySince = performance.now()
    }
    if (kind === 'repair' || isCallerError(result.error)) return result
    range.mark(begun)
    const { operation } = range
    this.#parts.tell('write-failed', {
      tier: this.#parts.tier.name,
      operation,
      keys: [],
      error: result.error,
    })
    this.#parts.marked()
    return result
  }
}
