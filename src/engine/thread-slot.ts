/**
 * A thread's place in a bank: its slot in the registry, its area, and the locks that carry its name.
 */
import * as layout from '../../assembly/constants.js'
import { Registry } from './registry.js'
import { isMainThread } from './thread-identity.js'

const MAX_TENURES = 2 ** 16
const { RuntimeError } = WebAssembly as unknown as { RuntimeError: ErrorConstructor }

/** Weak: a cache that was dropped without being closed must not be kept alive. */
const slotsOfWorker = new Set<WeakRef<ThreadSlot>>()
let isListening = false

export class ThreadSlot {
  /** In a worker only: whoever makes one keeps the slot, and its memory, alive until the event loop turns. */
  readonly #reference: WeakRef<ThreadSlot> | undefined
  readonly index: number
  readonly registry: Registry
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly floats: Float64Array
  /** Where the thread's area begins. */
  readonly areaPtr: number
  readonly #lockName: number

  /** A free slot, or that of a dead thread with all that it left; undefined: there is none. */
  static claim(memory: WebAssembly.Memory): ThreadSlot | undefined {
    const { buffer } = memory
    const words = new Int32Array(buffer)
    const floats = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8))
    const registry = new Registry(words, floats)
    const index = registry.claim() ?? registry.adopt()
    return index === undefined
      ? undefined
      : new ThreadSlot(index, registry, new Uint8Array(buffer), words, floats)
  }

  private constructor(
    index: number,
    registry: Registry,
    bytes: Uint8Array,
    words: Int32Array,
    floats: Float64Array,
  ) {
    this.index = index
    this.registry = registry
    this.bytes = bytes
    this.words = words
    this.floats = floats
    this.areaPtr = layout.THREADS_PTR + index * layout.THREAD_BYTES
    this.words[this.areaPtr >>> 2] = index
    this.#lockName = this.#takeLockName()
    const log = this.areaPtr + layout.DRAIN_OFFSET
    this.bytes.fill(0, log, log + layout.MAX_SHARDS)
    this.#countUse()
    if (isMainThread) return
    this.#reference = new WeakRef(this)
    leaveAtExit(this.#reference)
  }

  release(): void {
    this.registry.release(this.index)
    if (this.#reference !== undefined) slotsOfWorker.delete(this.#reference)
  }

  /** The thread ends, or will not touch the memory again: others are to take back what it leaves. */
  abandon(): void {
    this.registry.declareFailed(this.index)
  }

  /**
   * After a trap, and after any exception that left a lock held, what the lock guards may be half
   * changed: others are to take it over, and the engine is not to be called again. Else nothing has
   * happened but the exception (the end of the stack, a clock of the user's that throws).
   */
  mayHaveBroken(error: unknown): boolean {
    return error instanceof RuntimeError || this.#holdsLock()
  }

  /** Another one than the slot's last holder had. */
  #takeLockName(): number {
    const at = (this.areaPtr + layout.THREAD_LOCK_NAME) >>> 2
    const tenure = ((this.words[at] >>> layout.LOCK_SLOT_BITS) + 1) % MAX_TENURES
    const name = (tenure << layout.LOCK_SLOT_BITS) | (this.index + 1)
    this.words[at] = name
    return name
  }

  #holdsLock(): boolean {
    const isOwn = (ptr: number): boolean => {
      return (this.words[ptr >>> 2] & ~layout.LOCK_WAITERS) === this.#lockName
    }
    const shards = this.#control(layout.CONTROL_SHARDS_PTR)
    for (let shard = 0; shard < this.#control(layout.CONTROL_SHARD_COUNT); shard++) {
      if (isOwn(shards + shard * layout.SHARD_BYTES)) return true
    }
    return isOwn(layout.CONTROL_PTR + layout.CONTROL_POOL_LOCK)
  }

  /** Why counted: the counts of threads that have gone stay in their areas. */
  #countUse(): void {
    const at = (layout.CONTROL_PTR + layout.CONTROL_SLOTS_USED) >>> 2
    for (;;) {
      const used = Atomics.load(this.words, at)
      if (used > this.index) return
      Atomics.compareExchange(this.words, at, used, this.index + 1)
    }
  }

  #control(field: number): number {
    return this.words[(layout.CONTROL_PTR + field) >>> 2] >>> 0
  }
}

/** Why, where the system tells of threads' ends: not every system does. */
function leaveAtExit(reference: WeakRef<ThreadSlot>): void {
  if (!isListening) process.once('exit', abandonAll)
  isListening = true
  slotsOfWorker.add(reference)
}

function abandonAll(): void {
  for (const reference of slotsOfWorker) reference.deref()?.abandon()
}
