/**
 * What the machine itself takes for reads that depend on each other, all over a memory of a given size: the
 * floor of whatever looks something up there. The memory is a WebAssembly one, as the cache's is, so pages
 * and address checks are alike.
 *
 * Costs 2 to 3 ns a step for working out the next address, in a small memory and in a large one.
 */
import { compileLoops } from './driver.mjs'

const PAGE_BYTES = 65536
/** What one WebAssembly memory can have; what is larger is chased in several, in turn. */
const MAX_MEMORY_BYTES = 2 ** 32 - PAGE_BYTES
const STRIDE_BYTES = 64

const SOURCE = `
/** Words that are not 0, and no two lines alike. */
export function fill(bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += ${STRIDE_BYTES}) store<u32>(at, at * 0x9e3779b9 + 1)
}

/** Reads a line, and with what it holds works out which is the next. */
export function chase(state: u32, steps: u32, lines: u32): u32 {
  for (let step: u32 = 0; step < steps; step++) {
    const line = u32((u64(state) * u64(lines)) >> 32)
    state = (state ^ load<u32>(line * ${STRIDE_BYTES})) * 0x21f0aaad + step
    state ^= state >>> 15
  }
  return state
}
`

export class Chase {
  #parts
  #turn = 0
  #state = 1

  /** @param {number} bytes */
  static async over(bytes) {
    const module = await compileLoops(SOURCE)
    const count = Math.ceil(bytes / MAX_MEMORY_BYTES)
    const pages = Math.ceil(bytes / count / PAGE_BYTES)
    const parts = Array.from({ length: count }, () => createPart(module, pages))
    return new Chase(parts)
  }

  constructor(parts) {
    this.#parts = parts
  }

  /** So many reads, each dependent on the one before it; what they came to. */
  read(steps) {
    const { chase, lines } = this.#parts[this.#turn++ % this.#parts.length]
    this.#state = chase(this.#state, steps, lines) | 1
    return this.#state
  }

  /** What is read, of the first memory. */
  get words() {
    return this.#parts[0].words
  }
}

function createPart(module, pages) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { fill, chase } = new WebAssembly.Instance(module, { env: { memory } }).exports
  fill(pages * PAGE_BYTES)
  const lines = (pages * PAGE_BYTES) / STRIDE_BYTES
  return { chase, lines, words: new Uint32Array(memory.buffer) }
}
