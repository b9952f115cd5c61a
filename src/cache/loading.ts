/**
 * `getOrSet`: at most one load a key at a time over all threads, and the rules of freshness around it.
 *
 * Within a thread callers share a flight; between threads, a flight first claims the load (claim.ts), and
 * where another thread has it, waits, looks the key up again, and claims again if it is still missing. So
 * where a loader fails, its own thread's callers fail, and the other threads try themselves, in turn.
 *
 * 1. `#current` holds the flight that a new caller of a key joins. Only a flight that is in there
 *    when its loader is done may store: one that was forgotten (a set or delete came in between),
 *    replaced (forceFresh) or deserted (nobody waits) is not.
 * 2. `#running` holds every flight with somebody waiting, the forgotten ones too, so that `close`
 *    reaches all of them.
 * 3. No promise is ever rejected without a caller who holds it: the background waits without one,
 *    and a loader that fails after everyone has gone is ignored.
 * 4. A failure that no caller is told of goes to the target's `onError`, once.
 *
 * 5. What is forgotten here is forgotten by the followers too: loads of the same cache that are run
 *    elsewhere, with rules of their own for storing.
 *
 * Costs: a fresh hit is one `lookup` and the promise to return it in; with `refreshAhead`, a clock
 * read on top. `forget` and `forgetAll` are a size check where nothing is being loaded, and O(1)
 * where something is; the same again for each follower.
 */
import { CacheClosedError } from './errors.js'
import type { ClaimMode } from './loading/claim.js'
import { Flight } from './loading/flight.js'
import {
  type ControlledLoader,
  type GetOrSetOptions,
  type LayeredLoadOptions,
  type Loader,
  type LoadPlan,
  planLoad,
} from './loading/options.js'
import { isPromiseLike } from './loading/promise-like.js'
import type { LoadedEntry, LoadTarget } from './loading/target.js'

export type {
  ControlledLoader,
  GetOrSetOptions,
  LayeredLoadOptions,
  LoadControl,
  Loader,
  LoaderContext,
  StoreOptions,
} from './loading/options.js'
export type { LoadedEntry, LoadTarget } from './loading/target.js'

export class Loads<V> {
  readonly #target: LoadTarget<V>
  readonly #cacheName: string
  readonly #running = new Set<Flight<V>>()
  readonly #followers: Loads<V>[] = []
  #current = new Map<string, Flight<V>>()
  #closeReason: string | undefined
  #closeCause: unknown

  /** @param cacheName for the error that calls after `close` get */
  constructor(target: LoadTarget<V>, cacheName = 'cache') {
    this.#target = target
    this.#cacheName = cacheName
  }

  /** How many loads are under way. */
  get size(): number {
    return this.#running.size
  }

  isLoading = (key: string): boolean => this.#current.has(key)

  /**
   * The value of key: from the cache, from a load of it that is under way, or from `loader`.
   *
   * - All callers of one load get the same value, by reference; it is stored with the options of the
   *   caller that started it, whose `staleWhileRevalidate` and `staleIfError` also decide for how
   *   long the entry is kept after its expiry.
   * - `undefined` from the loader is handed on and not stored; what the cache had stays as it is.
   * - An error from the loader rejects all callers of the load in this thread, and is not remembered:
   *   the next call loads again, and so does each other thread that waited, one after the other.
   * - A value that cannot be stored because it cannot be encoded rejects them likewise. One that is
   *   refused for its size, or because the key was written or deleted meanwhile, is returned all the same.
   * - With `staleIfError`, a caller whose load fails or is late gets the cache's value as it is at
   *   that moment, and the error goes to `onError`. Its own signal and `close` still reject.
   * - A call that begins after a set, delete or invalidation of the key never gets a value whose
   *   load began before it.
   * - Reloads in the background (`staleWhileRevalidate`, `refreshAhead`) are bounded by this call's
   *   `timeout`, not by its signal. There is one at a time for a key, with no pause after a failure.
   * - A loader must not await `getOrSet` of its own key: it would wait for itself.
   *
   * @returns a promise. Never throws: a wrong key or option rejects it (InvalidKeyError,
   * InvalidOptionError), and so do what the loader threw, `signal.reason`, LoaderTimeoutError,
   * CacheClosedError and UnserializableValueError.
   */
  getOrSet(key: string, loader: Loader<V>, options?: GetOrSetOptions): Promise<V>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined>
  /** For the layers above: a loader that may say what becomes of its result. */
  getOrSet(
    key: string,
    loader: ControlledLoader<V>,
    options?: LayeredLoadOptions,
  ): Promise<V | undefined>
  getOrSet(
    key: string,
    loader: ControlledLoader<V>,
    options?: LayeredLoadOptions,
  ): Promise<V | undefined> {
    try {
      return this.#getOrSet(key, loader, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** To be called on each set, delete or take of key: later callers start a load of their own. */
  forget(key: string): void {
    if (this.#current.size > 0) this.#forget(key)
    if (this.#followers.length > 0) for (const each of this.#followers) each.forget(key)
  }

  /** The same for all keys: on `clear` and on the invalidation of tags. */
  forgetAll(): void {
    if (this.#current.size > 0) this.#current = new Map()
    for (const each of this.#followers) each.forgetAll()
  }

  /** The same for some keys, on deletes by prefix or pattern; O(loads under way). */
  forgetWhere(isAffected: (key: string) => boolean): void {
    for (const key of this.#current.keys()) {
      if (isAffected(key)) this.#forget(key)
    }
    for (const each of this.#followers) each.forgetWhere(isAffected)
  }

  #forget(key: string): void {
    const flight = this.#current.get(key)
    if (flight === undefined) return
    flight.isForgotten = true
    this.#current.delete(key)
  }

  /** From now on `follower` forgets what this forgets. */
  addFollower(follower: Loads<V>): void {
    this.#followers.push(follower)
  }

  removeFollower(follower: Loads<V>): void {
    const index = this.#followers.indexOf(follower)
    if (index >= 0) this.#followers.splice(index, 1)
  }

  /** Aborts all loads and rejects their callers, and all later ones, with CacheClosedError. */
  close(reason = 'close() was called', cause?: unknown): void {
    if (this.#closeReason === undefined) {
      this.#closeReason = reason
      this.#closeCause = cause
    }
    const flights = [...this.#running]
    this.#running.clear()
    this.#current.clear()
    for (const flight of flights) flight.cancel(this.#createClosedError())
  }

  #getOrSet(
    key: string,
    loader: ControlledLoader<V>,
    options: LayeredLoadOptions | undefined,
  ): Promise<V | undefined> {
    if (this.#closeReason !== undefined) throw this.#createClosedError()
    if (options !== undefined) {
      if (options.signal?.aborted) throw options.signal.reason
      if (options.forceFresh) return this.#load(key, loader, planLoad(options), 'force')
    }
    const found = this.#target.lookup(key)
    if (found === undefined) return this.#joinOrLoad(key, loader, planLoad(options))

    const { value, expiresAt } = found
    if (found.state === 'fresh') {
      if (options?.refreshAhead !== undefined && this.#isDue(found, options.refreshAhead)) {
        this.#reload(key, loader, planLoad(options), 'ahead')
      }
      return Promise.resolve(value)
    }
    const plan = planLoad(options)
    if (!this.#isWithin(plan.staleWhileRevalidateMs, expiresAt)) {
      return this.#joinOrLoad(key, loader, plan)
    }
    this.#reload(key, loader, plan, 'join')
    return Promise.resolve(value)
  }

  #joinOrLoad(key: string, loader: ControlledLoader<V>, plan: LoadPlan): Promise<V | undefined> {
    const flight = this.#current.get(key)
    return flight?.isCurrent ? this.#wait(flight, plan) : this.#load(key, loader, plan, 'join')
  }

  #load(
    key: string,
    loader: ControlledLoader<V>,
    plan: LoadPlan,
    mode: ClaimMode,
  ): Promise<V | undefined> {
    const flight = this.#open(key, plan, mode)
    if (flight.claim.isNeedless) {
      this.#retire(flight)
      const found = this.#target.lookup(key)
      if (found?.state === 'fresh') return Promise.resolve(found.value)
      return this.#load(key, loader, plan, 'ahead')
    }
    // Order: waiting first, since a synchronous loader ends the flight at once.
    const waiting = this.#wait(flight, plan)
    this.#start(flight, loader)
    return waiting
  }

  #reload(key: string, loader: ControlledLoader<V>, plan: LoadPlan, mode: ClaimMode): void {
    // Why also one that is not current any more: what made it so is younger than what it was to replace.
    if (this.#current.has(key)) return
    const flight = this.#open(key, plan, mode)
    if (flight.claim.elsewhere !== undefined || flight.claim.isNeedless) {
      this.#retire(flight)
      return
    }
    flight.board({
      signal: undefined,
      timeoutMs: plan.timeoutMs,
      softTimeoutMs: Number.POSITIVE_INFINITY,
      onValue() {},
      onFailure: (error) => this.#report(flight, error),
      onLate() {},
      onCancel() {},
    })
    this.#run(flight, loader)
  }

  #open(key: string, plan: LoadPlan, mode: ClaimMode): Flight<V> {
    const claim = this.#target.beginLoad(key, mode)
    const flight = new Flight<V>(key, claim, plan.storeOptions, (deserted) => {
      this.#retire(deserted)
      deserted.claim.end()
    })
    this.#current.set(key, flight)
    this.#running.add(flight)
    return flight
  }

  #wait(flight: Flight<V>, plan: LoadPlan): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const onFailure = (error: unknown): void => {
        const stale = this.#staleValue(flight, plan.staleIfErrorMs)
        if (stale === undefined) {
          reject(error)
        } else {
          resolve(stale)
          this.#report(flight, error)
        }
      }
      flight.board({
        signal: plan.signal,
        timeoutMs: plan.timeoutMs,
        softTimeoutMs: plan.softTimeoutMs,
        onValue: resolve,
        onFailure: plan.staleIfErrorMs === 0 ? reject : onFailure,
        onLate: () => {
          const stale = this.#staleValue(flight, plan.staleIfErrorMs)
          if (stale !== undefined) resolve(stale)
        },
        onCancel: reject,
      })
    })
  }

  #start(flight: Flight<V>, loader: ControlledLoader<V>): void {
    if (flight.claim.elsewhere === undefined) this.#run(flight, loader)
    else flight.claim.elsewhere.then(() => this.#resume(flight, loader))
  }

  /** The load elsewhere is over. */
  #resume(flight: Flight<V>, loader: ControlledLoader<V>): void {
    if (!this.#running.has(flight)) return
    try {
      flight.claim = this.#target.beginLoad(flight.key, 'retry')
      if (flight.claim.isNeedless) {
        const found = this.#target.lookup(flight.key)
        if (found?.state === 'fresh') {
          this.#retire(flight)
          flight.land(found.value)
          return
        }
        // It went again in between.
        flight.claim = this.#target.beginLoad(flight.key, 'ahead')
      }
    } catch (error) {
      this.#fail(flight, error)
      return
    }
    this.#start(flight, loader)
  }

  #run(flight: Flight<V>, loader: ControlledLoader<V>): void {
    let result: V | undefined | PromiseLike<V | undefined>
    try {
      result = loader(flight.context, flight)
      if (isPromiseLike(result)) {
        Promise.resolve(result).then(
          (value) => this.#succeed(flight, value),
          (error) => this.#fail(flight, error),
        )
        return
      }
    } catch (error) {
      this.#fail(flight, error)
      return
    }
    this.#succeed(flight, result)
  }

  #succeed(flight: Flight<V>, value: V | undefined): void {
    const mayStore = this.#retire(flight)
    try {
      if (mayStore && flight.isStored && value !== undefined) {
        this.#target.store(flight.key, value, flight.storeOptions, flight.claim)
      }
    } catch (error) {
      flight.fail(error)
      return
    } finally {
      this.#endClaim(flight)
    }
    flight.land(value)
  }

  #fail(flight: Flight<V>, error: unknown): void {
    flight.dropVoidStale()
    this.#retire(flight)
    this.#endClaim(flight)
    flight.fail(error)
  }

  /** Why it may not throw: the flight's callers are still to be told. */
  #endClaim(flight: Flight<V>): void {
    try {
      flight.claim.end()
    } catch {
      // The cache has closed, and with it all claims of this thread are gone.
    }
  }

  /** Whether the flight was the one that its key's callers join. */
  #retire(flight: Flight<V>): boolean {
    this.#running.delete(flight)
    const isCurrent = this.#current.get(flight.key) === flight
    if (isCurrent) this.#current.delete(flight.key)
    return isCurrent
  }

  /** Why looked up again: since the load began, the value may have been deleted, or set anew. */
  #staleValue({ key, stale }: Flight<V>, staleIfErrorMs: number): V | undefined {
    try {
      const found = this.#target.lookup(key)
      if (found === undefined) {
        const isKept = stale !== undefined && this.#target.now() < stale.keepUntil
        return isKept ? (stale.value as V) : undefined
      }
      const { value } = found
      return found.state === 'fresh' || this.#isWithin(staleIfErrorMs, found.expiresAt)
        ? value
        : undefined
    } catch {
      return undefined
    }
  }

  #isDue(entry: LoadedEntry<V>, refreshAhead: number): boolean {
    const { createdAt, expiresAt } = entry
    if (expiresAt === Number.POSITIVE_INFINITY) return false
    return this.#target.now() >= createdAt + refreshAhead * (expiresAt - createdAt)
  }

  #isWithin(staleMs: number, expiresAt: number): boolean {
    return staleMs > 0 && this.#target.now() < expiresAt + staleMs
  }

  #report(flight: Flight<V>, error: unknown): void {
    if (flight.lastReport !== undefined && flight.lastReport.error === error) return
    flight.lastReport = { error }
    try {
      this.#target.onError(error, flight.key)
    } catch {
      // Why: thrown from a timer or a promise's reaction, it would end the process.
    }
  }

  #createClosedError(): CacheClosedError {
    return new CacheClosedError(this.#cacheName, this.#closeReason, { cause: this.#closeCause })
  }
}
