/**
 * Loading what no tier has: at most one load a key in this process, by SharedCache's own loads; each first goes the
 * way down, and its result goes to all tiers.
 *
 * 1. What freshness means (stale values on errors, when late, or while loading anew) is decided by Loads, on
 *    the entry that memory has. A stale one that only a lower tier has is offered to it.
 * 2. A result is stored only where nobody has written, deleted or invalidated the key since the load began: in
 *    memory by the claim of the load, in each lower tier by what it was seen to hold.
 * 3. The lower tiers are written in the background: callers do not wait for them.
 * 4. A load under a lease (`lock: 'distributed'`) stores in that tier only while it holds the lease.
 */
import type { LoadClaim } from '../../cache/loading/claim.js'
import type { LayeredLoadOptions, LoadControl, LoaderContext } from '../../cache/loading.js'
import { Lifetimes, promotedLifetime, type Terms } from '../entry/lifetimes.js'
import type { ResolvedEntryOptions } from '../entry/options.js'
import type { TellEvent } from '../events.js'
import { type MemoryEntry, storeOptions } from '../memory/memory-tier.js'
import type { LoadConditions, Spread } from '../writing/spread.js'
import { LoadCall, NOT_MODIFIED, type StaleFacts, type TieredLoader } from './load-call.js'
import { LoadLock } from './load-lock.js'
import { LoadTimes } from './load-times.js'
import { renew } from './renewal.js'
import { isStillSo, promoteBetween, seeAll, type WalkContext, type Walked, walk } from './walk.js'

export interface CallOptions {
  readonly forceFresh?: boolean
  readonly signal?: AbortSignal
}

/** What reading through needs of the cache, beside what a walk needs. */
export interface ReadThroughContext<V> extends WalkContext<V> {
  readonly spread: Spread<V>
  readonly tell: TellEvent
  readonly tierNames: readonly string[]
  termsOf(key: string, options: ResolvedEntryOptions): Terms
  /** Notes what the key depends on, before it is loaded. */
  declare(key: string, dependsOn: readonly string[], options: ResolvedEntryOptions): Promise<void>
}

/** One load's circumstances. */
interface Run<V> {
  readonly key: string
  readonly loader: TieredLoader<V>
  readonly options: ResolvedEntryOptions
  readonly isForced: boolean
  readonly context: LoaderContext
  readonly control: LoadControl
  readonly looked: Looked<V> | undefined
}

/** What the way down has brought, where the caller has gone it already. */
export interface Looked<V> {
  readonly walked: Walked<V>
  /** Taken before the first question. */
  readonly watched: LoadClaim
}

export class ReadThrough<V> {
  readonly loadTimes = new LoadTimes()
  readonly #context: ReadThroughContext<V>
  readonly #lock: LoadLock<V>
  /** By the options that they were made from: most calls share theirs. */
  readonly #loadOptions = new WeakMap<ResolvedEntryOptions, LayeredLoadOptions>()

  constructor(context: ReadThroughContext<V>) {
    this.#context = context
    this.#lock = new LoadLock(context)
  }

  /** @param isDue load anew in the background, though there is a fresh value */
  load(
    key: string,
    loader: TieredLoader<V>,
    options: ResolvedEntryOptions,
    call: CallOptions | undefined,
    isDue: boolean,
    looked?: Looked<V>,
  ): Promise<V | undefined> {
    let loadOptions = this.#loadOptionsOf(options)
    const { forceFresh, signal } = call ?? {}
    if (forceFresh || signal !== undefined) loadOptions = { ...loadOptions, forceFresh, signal }
    if (isDue) loadOptions = { ...loadOptions, refreshAhead: 0 }
    const isForced = forceFresh === true
    return this.#context.memory.inside.loads.getOrSet(
      key,
      (context: LoaderContext, control?: LoadControl) =>
        this.#run({
          key,
          loader,
          options,
          isForced,
          context,
          control: control as LoadControl,
          looked,
        }),
      loadOptions,
    )
  }

  #loadOptionsOf(options: ResolvedEntryOptions): LayeredLoadOptions {
    let loadOptions = this.#loadOptions.get(options)
    if (loadOptions === undefined) {
      const { timeoutMs, hardTimeoutMs, refreshAhead } = options
      loadOptions = {
        staleWhileRevalidate: options.staleWhileRevalidateMs,
        staleIfError: options.graceMs,
        refreshAhead: refreshAhead === 1 ? undefined : refreshAhead,
        timeout: finite(hardTimeoutMs),
        softTimeout: finite(timeoutMs),
      }
      this.#loadOptions.set(options, loadOptions)
    }
    return loadOptions
  }

  async #run(run: Run<V>): Promise<V | undefined> {
    const { key, options, isForced } = run
    const { memory, lower } = this.#context
    const { dependsOn } = options
    if (dependsOn.length > 0) await this.#context.declare(key, dependsOn, options)
    const before = memory.find(key)
    if (lower.length === 0) return this.#load(run, before, undefined, undefined)

    const watched = run.looked?.watched ?? memory.watch(key)
    let walked = run.looked?.walked ?? (await walk(this.#context, key))
    if (!isForced) {
      if (walked.fresh !== undefined && this.#isNewer(walked, before)) {
        return this.#adopt(run, walked)
      }
      if (before === undefined && this.#answersStale(run, walked, watched)) {
        return walked.stale?.value
      }
    }
    if (options.lock !== 'distributed') return this.#load(run, before, walked, undefined)
    const lease = await this.#lock.acquire(key, options.hardTimeoutMs, run.context.signal)
    // Why always: who had the lease before may have stored the value just now.
    walked = await walk(this.#context, key)
    if (!isForced && walked.fresh !== undefined && this.#isNewer(walked, before)) {
      await lease?.lease.release()
      return this.#adopt(run, walked)
    }
    return this.#load(run, before, walked, lease)
  }

  /**
   * Offers the stale value of a lower tier to who takes one. Whether it is the answer, at once: then memory has it,
   * and it is loaded anew.
   */
  #answersStale(run: Run<V>, walked: Walked<V>, watched: LoadClaim): boolean {
    const { stale } = walked
    if (stale?.value === undefined) return false
    const { key, options, control } = run
    const { graceMs, staleWhileRevalidateMs } = options
    const { memory, now } = this.#context
    const sinceMs = now() - stale.entry.expiresAt
    const keptMs = stale.entry.keepUntil - now()
    const graceLeftMs = Math.min(keptMs, graceMs - sinceMs)
    if (graceLeftMs > 0) {
      control.stale = { value: stale.value, keepUntil: memory.now() + graceLeftMs }
    }
    if (sinceMs >= staleWhileRevalidateMs || !control.isCurrent) return false
    if (!isStillSo(this.#context, key, walked, stale)) return false
    const lifetime = promotedLifetime(stale.entry, memory, options, now())
    const staleMs = sinceMs + keptMs
    if (!memory.promoteStale(key, stale.value, { ...lifetime, staleMs }, watched, sinceMs)) {
      return false
    }
    control.isStored = false
    this.#reload(run)
    return true
  }

  /** What a lower tier has fresh becomes the result of the load. */
  #adopt({ key, options, control }: Run<V>, walked: Walked<V>): V | undefined {
    const { fresh } = walked
    if (fresh === undefined) return undefined
    if (!isStillSo(this.#context, key, walked, fresh)) {
      control.isStored = false
      return fresh.value
    }
    const { memory } = this.#context
    const lifetime = promotedLifetime(fresh.entry, memory, options, this.#context.now())
    // Order: the tiers between first, as an absent entry in memory changes the key, and ends the claim.
    const { isCurrent } = control
    if (isCurrent) {
      promoteBetween(this.#context, [{ key, walked, options }])
      renew(this.#context, [{ key, walked }])
    }
    if (fresh.value !== undefined) {
      control.storeOptions = storeOptions(lifetime, undefined, fresh.packed)
    } else if (isCurrent) {
      memory.promoteAbsent(key, lifetime, memory.watch(key))
    }
    return fresh.value
  }

  /** Why not any: where a value is loaded anew ahead of its time, the tiers below have it too. */
  #isNewer({ fresh }: Walked<V>, before: MemoryEntry<V> | undefined): boolean {
    if (fresh === undefined) return false
    if (before === undefined || before.isStale) return true
    const restAboveMs = before.expiresAt - this.#context.memory.now()
    const restBelowMs = fresh.entry.expiresAt - this.#context.now()
    return restBelowMs > restAboveMs * 2
  }

  async #load(
    run: Run<V>,
    before: MemoryEntry<V> | undefined,
    looked: Walked<V> | undefined,
    lease: LoadConditions<V>['lease'],
  ): Promise<V | undefined> {
    const { key, control } = run
    // Why: the way ended where there is a fresh value, which is being replaced.
    const walked = looked?.fresh === undefined ? looked : await seeAll(this.#context, key, looked)
    const stale = staleFacts(before, walked, this.#context)
    const call = new LoadCall<V>(run.context, run.options, stale, this.#context.tierNames)
    const began = performance.now()
    try {
      const result = await run.loader(call)
      this.loadTimes.note(performance.now() - began)
      const value = result === NOT_MODIFIED ? stale?.value : (result as V | undefined)
      const isAbsent = value === undefined
      if (!call.isStored || (isAbsent && call.options.negativeTtlMs === 0)) {
        control.isStored = false
        await lease?.lease.release()
        return value
      }
      const lifetimes = new Lifetimes(
        this.#context.termsOf(key, call.options),
        factsOf(result === NOT_MODIFIED ? stale : undefined, call, isAbsent),
        this.#context.now(),
      )
      // Order: noting in memory that there is no value ends the claim, and with it what makes the spread go.
      const isCurrent = control.isCurrent
      this.#spread(run, value, lifetimes, walked, lease)
      if (!isAbsent) control.storeOptions = storeOptions(lifetimes.inMemory())
      else if (isCurrent) this.#storeAbsent(key, lifetimes)
      return value
    } catch (error) {
      this.loadTimes.noteFailure()
      await lease?.lease.release()
      throw error
    }
  }

  #storeAbsent(key: string, lifetimes: Lifetimes): void {
    const { memory } = this.#context
    memory.promoteAbsent(key, lifetimes.inMemory(), memory.watch(key))
  }

  #spread(
    { key, control }: Run<V>,
    value: V | undefined,
    lifetimes: Lifetimes,
    walked: Walked<V> | undefined,
    lease: LoadConditions<V>['lease'],
  ): void {
    if (walked === undefined) return
    const written = control.isCurrent
      ? this.#context.spread.set(key, value, lifetimes, { seen: walked.seen, lease })
      : Promise.resolve()
    this.#context.background.add(
      written
        // A value that cannot be encoded: memory refuses it too, and tells the callers.
        .catch(() => {})
        .finally(() => lease?.lease.release()),
    )
  }

  /** Why a turn later: the load that this is a part of has to end first. */
  #reload({ key, loader, options }: Run<V>): void {
    setImmediate(() => {
      this.load(key, loader, options, undefined, false).catch((error) => {
        this.#context.tell('load-error', { key, error })
      })
    })
  }
}

function factsOf<V>(renewed: StaleFacts<V> | undefined, call: LoadCall<V>, absent: boolean) {
  const { tags } = call.options
  return {
    tags: renewed === undefined ? tags : [...new Set([...renewed.tags, ...tags])],
    validator: call.validator ?? renewed?.validator,
    absent,
  }
}

/** Memory's, or else what a lower tier has stale. */
function staleFacts<V>(
  before: MemoryEntry<V> | undefined,
  walked: Walked<V> | undefined,
  { memory, now }: ReadThroughContext<V>,
): StaleFacts<V> | undefined {
  if (before?.value !== undefined) {
    const { value, tags, validator, createdAt } = before
    return { value, tags, validator, createdAt: now() - (memory.now() - createdAt) }
  }
  const found = walked?.stale ?? walked?.fresh
  if (found?.value === undefined) return undefined
  const { tags, validator, createdAt } = found.entry
  return { value: found.value, tags, validator, createdAt }
}

function finite(durationMs: number): number | undefined {
  return durationMs === Number.POSITIVE_INFINITY ? undefined : durationMs
}
