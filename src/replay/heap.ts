/**
 * How much of this thread's heap is in use, after garbage collections.
 *
 * Two of them with a turn of the event loop between: what the first one frees outside the heap is only
 * let go then. Still some 100 KiB more or less than what a cache takes.
 *
 * Counts the V8 heap and what it holds outside (strings of a megabyte and more lie there).
 */
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

export async function usedHeapBytes(): Promise<number> {
  collect ??= exposeCollector()
  collect()
  await setImmediate()
  collect()
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
