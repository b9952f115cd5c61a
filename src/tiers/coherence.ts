/**
 * What other processes do reaches the tiers above the one that carries the news.
 *
 * 1. News of a tier goes to memory, and to the tiers between: each forgets what was changed.
 * 2. While a tier's news is cut off ('lost'), what is above it is used on for `disconnectedTtl`; then memory is
 *    dropped, and again each `disconnectedTtl` until the news is back, so that no entry in it is older than that;
 *    tiers between are not answered from.
 * 3. When news is back, what was missed is not known: memory is dropped before anything else is answered, tiers
 *    between are cleared, and not answered from until they are.
 *
 * So another process's write is seen after: the way of its news, milliseconds, while connected; else the time in
 * which a lost connection is noticed, and `disconnectedTtl` on top.
 */
import { compilePattern } from '../cache/key-pattern.js'
import type { TellEvent } from './events.js'
import type { LowerTier } from './lower-tier.js'
import type { MemoryTier } from './memory/memory-tier.js'
import type { TierNews } from './tier.js'
import type { Background } from './writing/background.js'
import { type Affects, affectsPrefix, affectsTags, type Changes } from './writing/changes.js'

export class Coherence<V> {
  readonly #memory: MemoryTier<V>
  readonly #lower: readonly LowerTier<V>[]
  readonly #background: Background
  readonly #changes: Changes
  readonly #tell: TellEvent
  readonly #disconnectedTtlMs: number
  /** By the indices of tiers whose news is cut off. */
  readonly #timers = new Map<number, NodeJS.Timeout>()
  /** Why each tier is not to be answered from, as counts: cut off below it, being cleared. */
  readonly #distrust: number[]
  readonly #isOverdue: boolean[]
  readonly #wasBack: boolean[]

  constructor(
    memory: MemoryTier<V>,
    lower: readonly LowerTier<V>[],
    background: Background,
    changes: Changes,
    tell: TellEvent,
    disconnectedTtlMs: number,
  ) {
    this.#memory = memory
    this.#lower = lower
    this.#background = background
    this.#changes = changes
    this.#tell = tell
    this.#disconnectedTtlMs = disconnectedTtlMs
    this.#distrust = lower.map(() => 0)
    this.#isOverdue = lower.map(() => false)
    this.#wasBack = lower.map(() => false)
  }

  /** Whether what a lower tier has may be answered now. */
  isTrusted(index: number): boolean {
    return this.#distrust[index] === 0
  }

  /** The tier cannot be reached: if there has been no news of it yet, none arrives now either. */
  onUnreachable(index: number, error: unknown): void {
    if (!this.#wasBack[index]) this.#lose(index, error)
  }

  /** @param index of the tier that has the news */
  onNews(index: number, news: TierNews): void {
    this.#lower[index].guard.onNews(news)
    switch (news.kind) {
      case 'lost':
        this.#lose(index, news.error)
        return
      case 'back':
        this.#restore(index)
        return
      default:
        this.#forget(index, news)
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearInterval(timer)
    this.#timers.clear()
  }

  #forget(index: number, news: Exclude<TierNews, { kind: 'lost' | 'back' }>): void {
    const { cache } = this.#memory
    switch (news.kind) {
      case 'keys':
        this.#background.add(
          this.#changes.ofKeys(news.keys, () => {
            cache.deleteMany(news.keys)
            return this.#above(index, ({ guard }) => guard.delete(news.keys))
          }),
        )
        return
      case 'tags':
        this.#forgetRange(index, affectsTags(news.tags), {
          inMemory: () =>
            news.soft ? this.#memory.expireTags(news.tags) : cache.invalidateTags(...news.tags),
          inTier: ({ guard }) => guard.invalidateTags(news.tags, news.soft),
        })
        return
      case 'prefix':
        this.#forgetRange(index, affectsPrefix(news.prefix), {
          inMemory: () => cache.deleteByPrefix(news.prefix),
          inTier: ({ guard }) => guard.deleteByPrefix(news.prefix),
        })
        return
      case 'pattern':
        this.#forgetRange(index, compilePattern(news.pattern).test, {
          inMemory: () => cache.deleteByPattern(news.pattern),
          inTier: ({ guard }) => guard.deleteByPattern(news.pattern),
        })
        return
      case 'all':
        this.#forgetRange(index, () => true, {
          inMemory: () => cache.clear(),
          inTier: ({ guard }) => guard.clear(),
        })
    }
  }

  #forgetRange(
    index: number,
    affects: Affects,
    work: { inMemory(): unknown; inTier(tier: LowerTier<V>): Promise<unknown> },
  ): void {
    const changed = this.#changes.ofRange(affects, () =>
      Promise.all([work.inMemory(), this.#above(index, work.inTier)]),
    )
    // Why caught: the cache may be closed before the walk over memory ends.
    this.#background.add(changed.catch(() => {}))
  }

  async #above(index: number, work: (tier: LowerTier<V>) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#lower.slice(0, index).map(work))
  }

  #lose(index: number, error: unknown): void {
    if (this.#timers.has(index)) return
    this.#tell('news-lost', { tier: this.#lower[index].name, error })
    const timer = setInterval(() => this.#drop(index), this.#disconnectedTtlMs)
    timer.unref()
    this.#timers.set(index, timer)
  }

  #drop(index: number): void {
    this.#memory.cache.clear()
    if (this.#isOverdue[index]) return
    this.#isOverdue[index] = true
    this.#change(index, 1)
  }

  #restore(index: number): void {
    this.#wasBack[index] = true
    clearInterval(this.#timers.get(index))
    this.#timers.delete(index)
    this.#memory.cache.clear()
    this.#change(index, 1)
    if (this.#isOverdue[index]) this.#change(index, -1)
    this.#isOverdue[index] = false
    const cleared = this.#lower.slice(0, index).map(({ guard }) => guard.clear())
    this.#background.add(Promise.all(cleared).then(() => this.#change(index, -1)))
    this.#tell('news-back', { tier: this.#lower[index].name })
  }

  #change(index: number, by: 1 | -1): void {
    for (let above = 0; above < index; above++) this.#distrust[above] += by
  }
}
