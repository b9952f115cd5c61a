/**
 * What stands between a cache and a lower tier: no call of it rejects, throws or hangs, and a write that the
 * tier may have missed never shows as an outdated read.
 *
 * 1. Every method resolves within `timeout` (of many entries: `scanTimeout`), retries included. Where the tier
 *    failed, reads answer undefined: the cache goes on without it.
 * 2. Writes of a key reach the tier in the order in which they were begun (lanes.ts, key-writes.ts).
 * 3. What a failed write leaves in the tier is hidden, reads of it are misses, until it is deleted (repairs.ts,
 *    recovery.ts). Marks live in memory: a process that ends while the tier is away leaves its copy as it is,
 *    to be outlived; `close` tries once more.
 * 4. A set with `ifUnchanged` fills what was missing; it is never the newest state of its key. The tier itself
 *    refuses it where the key was written meanwhile (tier.ts, 5), so it needs no order, and leaves no mark.
 */
import type { TellEvent } from '../events.js'
import type {
  Tier,
  TierEntry,
  TierFinding,
  TierHost,
  TierItem,
  TierLease,
  TierNews,
  TierSetOptions,
} from '../tier.js'
import { AnswerChecks } from './answers.js'
import { type Result, TierCaller } from './caller.js'
import { withDeadline } from './deadline.js'
import { TierTimeoutError } from './errors.js'
import type { GuardStats } from './figures.js'
import { KeyWriter } from './key-writes.js'
import { Lanes } from './lanes.js'
import { GuardedLeases } from './leases.js'
import type { ResolvedGuard } from './options.js'
import { type Covers, type GuardParts, isHidden } from './parts.js'
import { RangeWriter } from './range-writes.js'
import { GuardedReader } from './reader.js'
import { Recovery } from './recovery.js'
import { Repairs } from './repairs.js'
import { GuardedSetter, type WriteOutcome } from './setter.js'

/** 'failed': what of it the tier has not done is hidden, and made good later. */
export type DoneOutcome = 'stored' | 'failed'

export interface KeysOutcome {
  readonly outcome: DoneOutcome
  /** Which were there, so far as that is known. */
  readonly found: boolean[]
}

export interface TakeOutcome {
  readonly outcome: DoneOutcome
  readonly entry: TierEntry | undefined
}

export interface CountOutcome {
  readonly outcome: DoneOutcome
  readonly count: number
}

export class GuardedTier {
  readonly name: string
  readonly tier: Tier
  readonly #host: TierHost
  readonly #parts: GuardParts
  readonly #checks: AnswerChecks
  readonly #reader: GuardedReader
  readonly #setter: GuardedSetter
  readonly #leases: GuardedLeases
  readonly #keys: KeyWriter
  readonly #ranges: RangeWriter
  readonly #recovery: Recovery
  #isLost = false
  #isDown = false
  #closing: Promise<void> | undefined

  constructor(tier: Tier, options: ResolvedGuard, host: TierHost, tell: TellEvent) {
    const marked = (): void => this.#recovery.wake()
    const caller = new TierCaller(tier.name, options, tell, {
      opened: (error) => {
        this.#tellState(error)
        marked()
      },
      closed: () => this.#tellState(undefined),
    })
    const lanes = new Lanes()
    const repairs = new Repairs(options.maxRepairs)
    const invalidating = new Set<Covers>()
    const shared = { tier, options, tell, caller, lanes, repairs }
    const parts: GuardParts = { ...shared, invalidating, marked }
    this.name = tier.name
    this.tier = tier
    this.#host = host
    this.#parts = parts
    this.#checks = new AnswerChecks(tier.name)
    this.#keys = new KeyWriter(parts)
    this.#ranges = new RangeWriter(parts, this.#checks)
    this.#reader = new GuardedReader(parts, this.#checks)
    this.#setter = new GuardedSetter(parts, this.#keys, this.#checks)
    this.#leases = new GuardedLeases(parts, this.#checks)
    this.#recovery = new Recovery(parts, this.#keys, this.#ranges, this.#checks)
  }

  /** The one method that rejects: where the tier's options are wrong. Calls made meanwhile wait for it. */
  open(): Promise<void> {
    const { caller } = this.#parts
    const opening = (async () => this.tier.open(this.#host))()
    caller.opening = opening
    // Why kept where it failed: each call then fails with that error.
    opening.then(
      () => {
        caller.opening = undefined
      },
      () => undefined,
    )
    return opening
  }

  /** Undefined: the tier failed. */
  get(key: string): Promise<TierFinding | undefined> {
    return this.#reader.get(key)
  }

  /** In the order of the keys; undefined: the tier failed. */
  getMany(keys: readonly string[]): Promise<TierFinding[] | undefined> {
    return this.#reader.getMany(keys)
  }

  /** @param onFailure the tier failed: what comes ends early */
  keys(prefix?: string, onFailure?: () => void): AsyncIterable<string> {
    return this.#reader.keys(prefix, onFailure)
  }

  set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<WriteOutcome> {
    return this.#setter.set(key, entry, options)
  }

  /** In the order of the items. */
  setMany(items: readonly TierItem[]): Promise<WriteOutcome[]> {
    return this.#setter.setMany(items)
  }

  delete(keys: readonly string[]): Promise<KeysOutcome> {
    return this.#writeKeys('delete', keys, (asked) => this.tier.delete(asked))
  }

  /** Makes them stale. Where that fails they are deleted later. */
  expire(keys: readonly string[]): Promise<KeysOutcome> {
    return this.#writeKeys('expire', keys, (asked) => this.tier.expire(asked))
  }

  async take(key: string): Promise<TakeOutcome> {
    const [written] = await this.#keys.write<TierEntry | undefined>({
      operation: 'take',
      kind: 'write',
      writes: [{ key, replaces: false, tags: undefined }],
      send: async () => {
        const entry = this.#checks.entry('take', await this.tier.take(key))
        return [isHidden(this.#parts, key, entry?.tags) ? undefined : entry]
      },
      isReplaced: () => true,
    })
    return written.outcome === 'done'
      ? { outcome: 'stored', entry: written.answer }
      : { outcome: 'failed', entry: undefined }
  }

  async invalidateTags(tags: readonly string[], soft: boolean): Promise<DoneOutcome> {
    return (await this.#ranges.tags(tags, soft, 'write')).isDone ? 'stored' : 'failed'
  }

  async deleteByPrefix(prefix: string): Promise<CountOutcome> {
    return counted(await this.#ranges.prefix(prefix, 'write'))
  }

  async deleteByPattern(pattern: string): Promise<CountOutcome> {
    return counted(await this.#ranges.pattern(pattern, 'write'))
  }

  async clear(): Promise<DoneOutcome> {
    return (await this.#ranges.clear('write')).isDone ? 'stored' : 'failed'
  }

  /** For what a tier offers beside entries: rejects where it failed, or is not to be asked. */
  async ask<T>(operation: string, attempt: () => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#parts.options
    const result = await this.#parts.caller.call({
      operation,
      kind: 'read',
      timeoutMs,
      attempt: async () => attempt(),
    })
    if (result.isDone) return result.value
    throw result.error
  }

  get hasLeases(): boolean {
    return this.tier.lease !== undefined
  }

  /** 'taken': another process has it. 'failed': the tier did, or it has no leases. */
  lease(key: string, ttlMs: number): Promise<TierLease | 'taken' | 'failed'> {
    return this.#leases.lease(key, ttlMs)
  }

  /** Resolves at the latest `timeout` after `timeoutMs`; at once where the tier fails. */
  leaseEnd(key: string, timeoutMs: number): Promise<void> {
    return this.#leases.leaseEnd(key, timeoutMs)
  }

  /** Every news of the tier has to come by here. */
  onNews(news: TierNews): void {
    if (news.kind === 'lost') {
      this.#isLost = true
      this.#tellState(news.error)
    } else if (news.kind === 'back') {
      this.#isLost = false
      this.#tellState(undefined)
      this.#recovery.now()
    }
  }

  stats(): GuardStats {
    const { caller, repairs } = this.#parts
    return {
      ...caller.figures.counts,
      breaker: caller.circuit.state,
      pendingRepairs: repairs.pending,
      ...caller.figures.latencies(),
    }
  }

  /** Repairs what it can, then ends the tier. Does not reject, and takes three timeouts at most. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { caller, options } = this.#parts
    await this.#within('repair', this.#recovery.end(), options.timeoutMs)
    caller.isEnded = true
    await this.#within('close', (async () => this.tier.close())(), 2 * options.timeoutMs)
  }

  async #within(operation: string, call: Promise<void>, timeoutMs: number): Promise<void> {
    const timeoutError = (): Error => new TierTimeoutError(this.name, operation, timeoutMs)
    try {
      await withDeadline(call, timeoutMs, timeoutError, () => undefined)
    } catch (error) {
      this.#parts.tell('tier-error', { tier: this.name, operation, error, count: 1 })
    }
  }

  async #writeKeys(
    operation: 'delete' | 'expire',
    keys: readonly string[],
    send: (asked: string[]) => Promise<boolean[]>,
  ): Promise<KeysOutcome> {
    const isDelete = operation === 'delete'
    const written = await this.#keys.write({
      operation,
      kind: 'write',
      writes: keys.map((key) => ({ key, replaces: isDelete, tags: undefined })),
      send: async (places) => {
        const asked = places.map((place) => keys[place])
        const flags = this.#checks.flags(operation, await send(asked), asked.length)
        return flags.map((isFound, index) => isFound && !isHidden(this.#parts, asked[index]))
      },
      isReplaced: () => isDelete,
    })
    return {
      outcome: written.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'stored',
      found: written.map((answer) => answer.outcome === 'done' && answer.answer),
    }
  }

  #tellState(error: unknown): void {
    const isDown = this.#isLost || !this.#parts.caller.circuit.isClosed
    if (isDown === this.#isDown) return
    this.#isDown = isDown
    if (isDown) this.#parts.tell('tier-down', { tier: this.name, error })
    else this.#parts.tell('tier-up', { tier: this.name })
  }
}

function counted(result: Result<number>): CountOutcome {
  return result.isDone
    ? { outcome: 'stored', count: result.value }
    : { outcome: 'failed', count: 0 }
}
