/**
 * What other processes do reaches the tiers above the one that carries the news.
 *
 * 1. News of a tier goes to memory, and to the tiers between: each forgets what was changed. What one of them is
 *    still about to forget its guard does not answer.
 * 2. While a tier's news is cut off ('lost'), what is above it is used on for `disconnectedTtl`; then memory is
 *    dropped, and again each `disconnectedTtl` until the news is back, so that no entry in it is older than that;
 *    tiers between are not answered from.
 * 3. Before the first news is 'back' it is the same, but that the tiers between are not answered from at all: what
 *    was missed before this process began is not known.
 * 4. When news is back, what was missed is not known: memory is dropped before anything else is answered, tiers
 *    between are cleared, and not answered from until they are.
 *
 * The bound. A write that was 'stored' in a tier with news is seen by every other process:
 *
 *     connected                      after the way of its news, milliseconds
 *     the connection has ended       at most disconnectedTtl after that (default 1 s)
 *     nothing arrives any more       at most 2 * pingInterval later still, as silence is noticed so late (2 s)
 *
 * So a read never answers what was overwritten more than `disconnectedTtl + 2 * pingInterval` before it began, by
 * default 3 s; the time for which the reading process itself stands still (its event loop, or all of it) comes on
 * top. What a process has written itself it reads at once, however the write went.
 *
 * A write that 'failed' in that tier has not reached it, or may reach it late, and then take the place of what was
 * written since. Until its process has made it good (the event `repaired`) others may see what was before it, or
 * it. That takes a round trip once that process is connected again: within a second or two of the server's being
 * there. If it ends before, the older entry stays until its time is over. And a server that loses what it has
 * acknowledged, as a replica may that takes over, has what was there before: nothing here can know.
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
  /** How many tiers below each, whose news is cut off, keep it from being answered from. */
  readonly #distrust: number[]
  readonly #isOverdue: boolean[]
  /** Whether it has been told that the news is cut off. */
  readonly #isLost: boolean[]
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
    this.#isLost = lower.map(() => false)
    this.#wasBack = lower.map(() => false)
    for (const [index, { guard }] of lower.entries()) if (guard.tier.hasNews) this.#await(index)
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
    switch (news.kind) {
      case 'keys':
        this.#background.add(
          this.#changes.ofKeys(news.keys, () => {
            this.#inMemory((cache) => cache.deleteMany(news.keys))
            return this.#above(index, ({ guard }) => guard.delete(news.keys))
          }),
        )
        return
      case 'tags':
        this.#forgetRange(index, affectsTags(news.tags), {
          inMemory: () =>
            news.soft
              ? this.#inMemory(() => this.#memory.expireTags(news.tags))
              : this.#inMemory((cache) => cache.invalidateTags(...news.tags)),
          inTier: ({ guard }) => guard.invalidateTags(news.tags, news.soft),
        })
        return
      case 'prefix':
        this.#forgetRange(index, affectsPrefix(news.prefix), {
          inMemory: () => this.#inMemory((cache) => cache.deleteByPrefix(news.prefix)),
          inTier: ({ guard }) => guard.deleteByPrefix(news.prefix),
        })
        return
      case 'pattern':
        this.#forgetRange(index, compilePattern(news.pattern).test, {
          inMemory: () => this.#inMemory((cache) => cache.deleteByPattern(news.pattern)),
          inTier: ({ guard }) => guard.deleteByPattern(news.pattern),
        })
        return
      case 'all':
        this.#forgetRange(index, () => true, {
          inMemory: () => this.#inMemory((cache) => cache.clear()),
          inTier: ({ guard }) => guard.clear(),
        })
    }
  }

  #forgetRange(
    index: number,
    affects: Affects,
    work: { inMemory(): void; inTier(tier: LowerTier<V>): Promise<unknown> },
  ): void {
    this.#background.add(
      this.#changes.ofRange(affects, () => {
        work.inMemory()
        return this.#above(index, work.inTier)
      }),
    )
  }

  /** Nothing is raised, as nobody has called: where a callback of the user throws, memory as a whole is dropped. */
  #inMemory(work: (cache: MemoryTier<V>['cache']) => unknown): void {
    const { cache } = this.#memory
    try {
      work(cache)
    } catch {
      try {
        cache.clear()
      } catch {
        // It throws once all is gone. So does a given cache that was closed.
      }
    }
  }

  async #above(index: number, work: (tier: LowerTier<V>) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#lower.slice(0, index).map(work))
  }

  /** Nothing has been heard yet. */
  #await(index: number): void {
    this.#startTimer(index)
    this.#isOverdue[index] = true
    this.#change(index, 1)
  }

  #lose(index: number, error: unknown): void {
    if (this.#isLost[index]) return
    this.#isLost[index] = true
    this.#tell('news-lost', { tier: this.#lower[index].name, error })
    if (!this.#timers.has(index)) this.#startTimer(index)
  }

  #startTimer(index: number): void {
    const timer = setInterval(() => this.#drop(index), this.#disconnectedTtlMs)
    timer.unref()
    this.#timers.set(index, timer)
  }

  #drop(index: number): void {
    this.#inMemory((cache) => cache.clear())
    if (this.#isOverdue[index]) return
    this.#isOverdue[index] = true
    this.#change(index, 1)
  }

  #restore(index: number): void {
    this.#wasBack[index] = true
    this.#isLost[index] = false
    clearInterval(this.#timers.get(index))
    this.#timers.delete(index)
    this.#inMemory((cache) => cache.clear())
    this.#above(index, ({ guard }) => guard.clear())
    if (this.#isOverdue[index]) this.#change(index, -1)
    this.#isOverdue[index] = false
    this.#tell('news-back', { tier: this.#lower[index].name })
  }

  #change(index: number, by: 1 | -1): void {
    for (let above = 0; above < index; above++) this.#distrust[above] += by
  }
}
