/**
 * How much of this thread's heap is in use, after a garbage collection.
 *
 * Counts the V8 heap and what it holds outside (strings of a megabyte and more lie there).
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

export function usedHeapBytes(): number {
  collect ??= exposeCollector()
  collect()
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
