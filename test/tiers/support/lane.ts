/**
 * One direction of a proxied connection: bytes that wait until they are due, and then go on in their order.
 * Memory is not bounded: whoever tests with it sends little.
 */
import type { Socket } from 'node:net'

/** Bytes, or the end of them. */
interface Waiting {
  bytes: Buffer | undefined
  dueAt: number
}

export class Lane {
  readonly #target: Socket
  readonly #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #isHeld = false
  #ended: () => void = () => {}

  constructor(target: Socket) {
    this.#target = target
  }

  push(bytes: Buffer, delayMs: number): void {
    this.#wait(bytes, delayMs)
  }

  /** After all that was pushed. */
  end(delayMs: number): void {
    this.#wait(undefined, delayMs)
  }

  /** Called when the end has passed. */
  onEnd(ended: () => void): void {
    this.#ended = ended
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#pass()
  }

  /** Forgets what waits, the end included. */
  drop(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
    this.#ended = () => {}
  }

  #wait(bytes: Buffer | undefined, delayMs: number): void {
    this.#waiting.push({ bytes, dueAt: performance.now() + delayMs })
    this.#pass()
  }

  #pass(): void {
    clearTimeout(this.#timer)
    while (!this.#isHeld && this.#waiting.length > 0) {
      const [{ bytes, dueAt }] = this.#waiting
      const restMs = dueAt - performance.now()
      if (restMs > 0) {
        this.#timer = setTimeout(() => this.#pass(), Math.ceil(restMs))
        return
      }
      this.#waiting.shift()
      if (bytes !== undefined) this.#target.write(bytes)
      // Why not destroyed here: what was written last has yet to leave.
      else this.#target.end(this.#ended)
    }
  }
}
