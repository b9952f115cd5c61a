/**
 * How much may be pending: backpressure.
 *
 * 1. Who asks for room is let in at once or, where there is none, in the order of asking.
 * 2. A rewrite of a key that is pending takes the place of what was there, so one that is no larger does not
 *    wait, unless an earlier write of the key does.
 * 3. Whoever waits longer than the time limit is refused, with an error that names the limit that was hit.
 */
import { formatBytes } from '../../cache/units.js'
import { JournalFullError } from './errors.js'

export interface RoomLimits {
  readonly maxPending: number
  readonly maxBytes: number
  readonly onFull: 'wait' | 'reject'
  readonly fullTimeoutMs: number
}

export interface RoomRequest {
  readonly key: string
  readonly bytes: number
  /** The bytes of the pending write of the same key that it replaces. */
  readonly replacesBytes?: number
  readonly signal?: AbortSignal
  /** Called at once, or when there is room; it has been taken then. */
  admit(): void
  refuse(error: unknown): void
}

interface Waiter {
  readonly request: RoomRequest
  readonly timer: NodeJS.Timeout
  readonly onAbort: () => void
}

export class Room {
  readonly #limits: RoomLimits
  readonly #waiters = new Set<Waiter>()
  readonly #waitingKeys = new Map<string, number>()
  #count = 0
  #bytes = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  get waiting(): number {
    return this.#waiters.size
  }

  enter(request: RoomRequest): void {
    const { maxBytes, onFull } = this.#limits
    if (request.signal?.aborted) request.refuse(request.signal.reason)
    else if (request.bytes > maxBytes) {
      const reason = `the write of ${formatBytes(request.bytes)} is larger than ${formatBytes(maxBytes)}`
      request.refuse(new JournalFullError(request.key, 'maxBytes', reason))
    } else if (this.#hasRoomAtOnce(request)) {
      this.take(request.bytes)
      request.admit()
    } else if (onFull === 'reject') request.refuse(this.#fullError(request))
    else this.#wait(request)
  }

  /** Without asking: of what was in the journal already. */
  take(bytes: number): void {
    this.#count++
    this.#bytes += bytes
  }

  leave(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
    this.#admitWaiters()
  }

  #admitWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.request)) return
      this.#forget(waiter)
      this.take(waiter.request.bytes)
      waiter.request.admit()
    }
  }

  /** Refuses all who wait. */
  refuseAll(error: unknown): void {
    for (const waiter of this.#waiters) {
      this.#forget(waiter)
      waiter.request.refuse(error)
    }
  }

  #hasRoomAtOnce(request: RoomRequest): boolean {
    const { key, bytes, replacesBytes = -1 } = request
    if (bytes <= replacesBytes) return !this.#waitingKeys.has(key)
    return this.#waiters.size === 0 && this.#fits(request)
  }

  #fits({ bytes }: RoomRequest): boolean {
    const { maxPending, maxBytes } = this.#limits
    return this.#count < maxPending && this.#bytes + bytes <= maxBytes
  }

  #wait(request: RoomRequest): void {
    const end = (error: () => unknown) => () => {
      this.#forget(waiter)
      request.refuse(error())
      // One that needs less room may have stood behind.
      this.#admitWaiters()
    }
    const waiter: Waiter = {
      request,
      timer: setTimeout(
        end(() => this.#fullError(request)),
        this.#limits.fullTimeoutMs,
      ),
      onAbort: end(() => request.signal?.reason),
    }
    request.signal?.addEventListener('abort', waiter.onAbort, { once: true })
    this.#waiters.add(waiter)
    this.#waitingKeys.set(request.key, (this.#waitingKeys.get(request.key) ?? 0) + 1)
  }

  #forget(waiter: Waiter): void {
    const { key, signal } = waiter.request
    clearTimeout(waiter.timer)
    signal?.removeEventListener('abort', waiter.onAbort)
    this.#waiters.delete(waiter)
    const others = (this.#waitingKeys.get(key) ?? 1) - 1
    if (others === 0) this.#waitingKeys.delete(key)
    else this.#waitingKeys.set(key, others)
  }

  #fullError({ key }: RoomRequest): JournalFullError {
    const { maxPending, maxBytes } = this.#limits
    if (this.#count >= maxPending) {
      return new JournalFullError(key, 'maxPending', `${this.#count} writes are pending`)
    }
    const reason = `${formatBytes(this.#bytes)} of ${formatBytes(maxBytes)} are pending`
    return new JournalFullError(key, 'maxBytes', reason)
  }
}
