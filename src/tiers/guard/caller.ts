/**
 * Calls of a tier as a guard makes them: breaker (deadline (retry (call))).
 *
 * 1. A call resolves to a Result within its time, whatever the tier does; it never rejects.
 * 2. Only what rejected is tried again, never what timed out: that may be under way yet.
 * 3. A failure is counted, and told as 'tier-error', at most once a second for an operation.
 * 4. A call that its tier answers at once costs no promise and no clock, unless it fails.
 * 5. Where a call had not settled when its time was over, `late` hears once of its end.
 */
import { ExponentialBackoff, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import type { TellEvent } from '../events.js'
import { Circuit, type CircuitListener } from './circuit.js'
import { withDeadline } from './deadline.js'
import { isCallerError, TierDownError, TierTimeoutError } from './errors.js'
import { Figures } from './figures.js'
import type { ResolvedGuard } from './options.js'

export interface Call<T> {
  /** The method, as its name is in the events. */
  readonly operation: string
  readonly kind: CallKind
  readonly timeoutMs: number
  attempt(): Promise<T>
  /** Whether there is still a reason to try again. Default: yes. */
  isWanted?(): boolean
  late?(value: T | undefined): void
}

/** 'once': not tried again; 'repair': that, and whatever the breaker says; 'probe': through the open breaker. */
export type CallKind = 'read' | 'write' | 'once' | 'repair' | 'probe'

export type Result<T> = { readonly isDone: true; readonly value: T } | Failure

export interface Failure {
  readonly isDone: false
  readonly error: unknown
  /** The tier may do it yet: `late` will be called, or the call never ends. */
  readonly isUnderWay: boolean
}

const TELL_INTERVAL_MS = 1000
const MAX_BACKOFFS = 10

/** Why: the retry has to end although its filter would go on. */
class GivenUp extends Error {
  readonly reason: unknown

  constructor(reason: unknown) {
    super('given up')
    this.reason = reason
  }
}

export class TierCaller {
  readonly circuit: Circuit
  readonly figures = new Figures()
  /** No call is made any more. */
  isEnded = false
  /** The tier is being opened: calls wait for it. */
  opening: Promise<void> | undefined
  readonly #tier: string
  readonly #tell: TellEvent
  readonly #reads: RetryPolicy | undefined
  readonly #writes: RetryPolicy | undefined
  readonly #told = new Map<string, { at: number; count: number }>()

  constructor(tier: string, options: ResolvedGuard, tell: TellEvent, listener: CircuitListener) {
    this.#tier = tier
    this.#tell = tell
    this.circuit = new Circuit(options.breakerFailures, listener)
    this.#reads = this.#retrying(options.readRetries, options.backoffMs)
    this.#writes = this.#retrying(options.writeRetries, options.backoffMs)
  }

  async call<T>(call: Call<T>): Promise<Result<T>> {
    const { counts } = this.figures
    counts.calls++
    const isAsked = call.kind === 'repair' || call.kind === 'probe' || this.circuit.isClosed
    if (this.isEnded || !isAsked) {
      if (!this.isEnded) counts.rejectedByBreaker++
      return notAsked(this.#tier, this.isEnded ? 'it is closed' : 'it is down')
    }
    const begunAt = performance.now()
    let isOver = false
    let isUnderWay = false
    const attempt = (): Promise<T> =>
      isOver ? Promise.reject(new GivenUp(undefined)) : tryOnce(call, this.opening)
    const attempts = (): Promise<T> =>
      withDeadline(
        this.#retried(call.kind, attempt),
        call.timeoutMs,
        () => {
          isOver = true
          isUnderWay = true
          return new TierTimeoutError(this.#tier, call.operation, call.timeoutMs)
        },
        (value) => {
          isUnderWay = false
          call.late?.(value)
        },
      )
    try {
      const value = await this.#through(call.kind, attempts)
      this.figures.record(performance.now() - begunAt)
      return { isDone: true, value }
    } catch (thrown) {
      const error = thrown instanceof GivenUp ? thrown.reason : thrown
      this.#count(error)
      // Why not a probe's: that the tier is down has been told.
      if (call.kind !== 'probe') this.#tellError(call.operation, error)
      return { isDone: false, error, isUnderWay }
    }
  }

  /** The same of a call whose attempts answer at once. */
  callAtOnce<T>(call: Omit<Call<T>, 'attempt'>, attempt: () => T): Result<T> | Promise<Result<T>> {
    if (this.isEnded || this.opening !== undefined || !this.circuit.isClosed) {
      return this.call({ ...call, attempt: async () => attempt() })
    }
    const begunAt = performance.now()
    try {
      const value = attempt()
      this.figures.counts.calls++
      this.circuit.succeeded()
      this.figures.record(performance.now() - begunAt)
      return { isDone: true, value }
    } catch (error) {
      // Why not tried here again: what becomes of a failure is told, counted and waited for there alone.
      let isFirst = true
      return this.call({
        ...call,
        attempt: async () => {
          if (!isFirst) return attempt()
          isFirst = false
          throw error
        },
      })
    }
  }

  #through<T>(kind: CallKind, attempts: () => Promise<T>): Promise<T> {
    if (kind === 'repair') return attempts()
    return kind === 'probe' ? this.circuit.probe(attempts) : this.circuit.execute(attempts)
  }

  /** Why the first attempt is made without the policy: it costs as much as all else here, and mostly one is enough. */
  #retried<T>(kind: CallKind, attempt: () => Promise<T>): Promise<T> {
    const policy = kind === 'read' ? this.#reads : kind === 'write' ? this.#writes : undefined
    if (policy === undefined) return attempt()
    return attempt().catch((error) => {
      let isFirst = true
      return policy.execute(() => {
        if (!isFirst) return attempt()
        isFirst = false
        throw error
      })
    })
  }

  #retrying(maxAttempts: number, backoffMs: number): RetryPolicy | undefined {
    if (maxAttempts === 0) return undefined
    const backoff = new ExponentialBackoff({
      initialDelay: backoffMs,
      maxDelay: MAX_BACKOFFS * backoffMs,
    })
    const isRetried = (error: Error): boolean => !(error instanceof GivenUp || isCallerError(error))
    const policy: RetryPolicy = retry(handleWhen(isRetried), { maxAttempts, backoff })
    policy.onRetry(() => {
      this.figures.counts.retries++
    })
    return policy
  }

  #count(error: unknown): void {
    this.figures.counts.failures++
    if (error instanceof TierTimeoutError) this.figures.counts.timeouts++
  }

  #tellError(operation: string, error: unknown): void {
    const now = performance.now()
    const told = this.#told.get(operation)
    const count = (told?.count ?? 0) + 1
    if (told !== undefined && now - told.at < TELL_INTERVAL_MS) {
      told.count = count
      return
    }
    this.#told.set(operation, { at: now, count: 0 })
    this.#tell('tier-error', { tier: this.#tier, operation, error, count })
  }
}

export function notAsked(tier: string, reason: string): Failure {
  return { isDone: false, error: new TierDownError(tier, reason), isUnderWay: false }
}

async function tryOnce<T>(call: Call<T>, opening: Promise<void> | undefined): Promise<T> {
  if (opening !== undefined) await opening
  if (call.isWanted?.() === false) throw new GivenUp(undefined)
  try {
    return await call.attempt()
  } catch (error) {
    if (call.isWanted?.() === false) throw new GivenUp(error)
    throw error
  }
}
