/**
 * How much of this thread's heap is in use, after garbage collections.
 *
 * At least two of them with a turn of the event loop between, and more while they still free something:
 * what one frees outside the heap, and code that ran before, is only let go by a later one. Still some 100 KiB more or less than what a cache takes.
 *
 * Counts the V8 heap and what it holds outside (strings of a megabyte and more lie there).
 */
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MAX_TURNS = 8
const SETTLED_BYTES = 16 * 1024

let collect: (() => void) | undefined

export async function usedHeapBytes(): Promise<number> {
  collect ??= exposeCollector()
  let bytes = collectAndMeasure(collect)
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    await setImmediate()
    const before = bytes
    bytes = collectAndMeasure(collect)
    if (before - bytes < SETTLED_BYTES) break
  }
  return bytes
}

function collectAndMeasure(collectGarbage: () => void): number {
  collectGarbage()
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
