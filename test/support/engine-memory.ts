/** The memory of a cache, for tests that look into it, or damage it. */
import type { CacheHandle } from '../../src/index.js'

/** The memory of a cache's first bank. */
export function wordsOf(handle: CacheHandle): Int32Array<SharedArrayBuffer> {
  const { memory } = handle.engines[0] as { memory: { buffer: SharedArrayBuffer } }
  return new Int32Array(memory.buffer)
}
