/**
 * A flight: one run of a loader, and the callers that wait for it.
 *
 * 1. Each waiter is told exactly once: a value, a failure, or that its wait was cancelled.
 * 2. A waiter's timer and abort callback are gone before it is told.
 * 3. The loader's signal aborts when the last waiter leaves, and when the flight is cancelled; never
 *    after the flight has ended.
 * 4. A flight that has ended has no waiters, so ending it again tells nobody anything.
 *
 * A flight knows neither keys in flight nor the cache: `Loads` decides which flight may store.
 *
 * Costs: one small object a waiter; a timer or a callback only for a waiter with a timeout or a
 * signal; an AbortController only where the loader reads its signal.
 */
import { LoaderTimeoutError } from '../errors.js'
import { addAbortCallback, removeAbortCallback } from './abort-hub.js'
import type { LoadClaim } from './claim.js'
import type { LoadControl, LoaderContext, StoreOptions } from './options.js'

/** One caller, or the background, and what it wants to be told. */
export interface Waiter<V> {
  readonly signal: AbortSignal | undefined
  /** Infinity: waits for as long as it takes. */
  readonly timeoutMs: number
  /** Infinity: is told of nothing before the end. */
  readonly softTimeoutMs: number
  onValue(value: V | undefined): void
  /** The loader failed, or took too long for this waiter. */
  onFailure(error: unknown): void
  /** The load is late, and goes on; the waiter stays. */
  onLate(): void
  /** The waiter's own signal aborted, or the cache closes. */
  onCancel(reason: unknown): void
}

interface Seat<V> {
  readonly waiter: Waiter<V>
  timer: NodeJS.Timeout | undefined
  softTimer: NodeJS.Timeout | undefined
  onAbort: (() => void) | undefined
  isLate: boolean
}

/** What setTimeout can hold: 24.8 days. A longer timeout ends then. */
const MAX_TIMER_MS = 2 ** 31 - 1

export class Flight<V> implements LoadControl {
  readonly key: string
  /** The thread's claim to the load; another one after each wait for a load elsewhere. */
  claim: LoadClaim
  storeOptions: StoreOptions
  isStored = true
  /** A write has been heard of that its claim may not know: of many keys at once, in this thread. */
  isForgotten = false
  readonly context: LoaderContext
  /** The failure that last went to the cache's `onError`, so that it goes there once. */
  lastReport: { error: unknown } | undefined

  #stale: LoadControl['stale']
  readonly #seats = new Set<Seat<V>>()
  readonly #onDeserted: (flight: Flight<V>) => void
  readonly #abortLoader: (reason: unknown) => void

  /** @param onDeserted called when the last waiter has left, before the loader's signal aborts */
  constructor(
    key: string,
    claim: LoadClaim,
    storeOptions: StoreOptions,
    onDeserted: (flight: Flight<V>) => void,
  ) {
    this.key = key
    this.claim = claim
    this.storeOptions = storeOptions
    this.#onDeserted = onDeserted
    const { context, abort } = createContext(key)
    this.context = context
    this.#abortLoader = abort
  }

  /** Whether it may serve callers that come now. */
  get isCurrent(): boolean {
    return !this.isForgotten && this.claim.isCurrent()
  }

  get stale(): LoadControl['stale'] {
    return this.#stale
  }

  /** Those who have waited for too long already get it now. */
  set stale(stale: LoadControl['stale']) {
    this.#stale = stale
    for (const { waiter, isLate } of [...this.#seats]) if (isLate) waiter.onLate()
  }

  /** To be called before its claim ends: what was written since then has made the stale value void too. */
  dropVoidStale(): void {
    if (this.#stale !== undefined && !this.isCurrent) this.#stale = undefined
  }

  board(waiter: Waiter<V>): void {
    const seat: Seat<V> = {
      waiter,
      timer: undefined,
      softTimer: undefined,
      onAbort: undefined,
      isLate: false,
    }
    this.#seats.add(seat)
    if (waiter.timeoutMs !== Number.POSITIVE_INFINITY) this.#startTimer(seat, waiter.timeoutMs)
    if (waiter.softTimeoutMs < waiter.timeoutMs) {
      seat.softTimer = startTimer(() => {
        seat.isLate = true
        this.dropVoidStale()
        waiter.onLate()
      }, waiter.softTimeoutMs)
    }
    if (waiter.signal !== undefined) this.#listen(seat, waiter.signal)
  }

  land(value: V | undefined): void {
    for (const waiter of this.#end()) waiter.onValue(value)
  }

  fail(error: unknown): void {
    for (const waiter of this.#end()) waiter.onFailure(error)
  }

  cancel(reason: unknown): void {
    const waiters = this.#end()
    this.#abortLoader(reason)
    for (const waiter of waiters) waiter.onCancel(reason)
  }

  /** Why all at once: what a waiter is told may run code that calls back into this flight. */
  #end(): Waiter<V>[] {
    const waiters: Waiter<V>[] = []
    for (const seat of this.#seats) {
      release(seat)
      waiters.push(seat.waiter)
    }
    this.#seats.clear()
    return waiters
  }

  #leave(seat: Seat<V>, reason: unknown): void {
    release(seat)
    this.#seats.delete(seat)
    if (this.#seats.size > 0) return
    this.#onDeserted(this)
    this.#abortLoader(reason)
  }

  #startTimer(seat: Seat<V>, timeoutMs: number): void {
    seat.timer = startTimer(() => {
      const error = new LoaderTimeoutError(this.key, timeoutMs)
      this.dropVoidStale()
      this.#leave(seat, error)
      seat.waiter.onFailure(error)
    }, timeoutMs)
  }

  #listen(seat: Seat<V>, signal: AbortSignal): void {
    seat.onAbort = () => {
      this.#leave(seat, signal.reason)
      seat.waiter.onCancel(signal.reason)
    }
    addAbortCallback(signal, seat.onAbort)
  }
}

/** Why without a reference: a load that keeps the process alive does so itself; its time limits should not. */
function startTimer(onTime: () => void, afterMs: number): NodeJS.Timeout {
  return setTimeout(onTime, Math.min(afterMs, MAX_TIMER_MS)).unref()
}

function release<V>({ waiter, timer, softTimer, onAbort }: Seat<V>): void {
  if (timer !== undefined) clearTimeout(timer)
  if (softTimer !== undefined) clearTimeout(softTimer)
  if (onAbort !== undefined) removeAbortCallback(waiter.signal as AbortSignal, onAbort)
}

/** Why an own getter: most loaders never read the signal, and `{ ...context }` has to keep it. */
function createContext(key: string): {
  context: LoaderContext
  abort: (reason: unknown) => void
} {
  let controller: AbortController | undefined
  let abortion: { reason: unknown } | undefined
  return {
    context: {
      key,
      get signal() {
        if (controller === undefined) {
          controller = new AbortController()
          if (abortion !== undefined) controller.abort(abortion.reason)
        }
        return controller.signal
      },
    },
    abort(reason) {
      abortion = { reason }
      controller?.abort(reason)
    },
  }
}
