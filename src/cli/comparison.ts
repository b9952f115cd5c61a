/** What the figures of a replay with several threads show, in sentences made from them. */
import type { PassResult } from '../replay/spec.js'

/** Figures that differ by less, of the second one, are called the same. */
const NEGLIGIBLE = 0.005

export function compareThreads(
  threads: number,
  cores: number,
  hotset: PassResult,
  lruCaches: PassResult,
): string[] {
  const notes: string[] = []
  if (hotset.reads > 0) notes.push(compareCaches(threads, hotset, lruCaches))
  if (hotset.writes + hotset.deletes > 0) {
    notes.push(
      'A write or delete reaches one lru-cache, that of its thread: the others keep what they have.',
    )
  }
  if (threads > cores) {
    notes.push(
      `${threads} threads took turns on ${cores} ${cores === 1 ? 'core' : 'cores'}: the latencies include waits for a core.`,
    )
  }
  return notes
}

function compareCaches(threads: number, hotset: PassResult, lruCaches: PassResult): string {
  const figures = [
    amount(hotset.loads, lruCaches.loads, 'fewer', 'loads'),
    amount(
      hotset.operationsPerSecond,
      lruCaches.operationsPerSecond,
      'fewer',
      'operations a second',
    ),
    amount(hotset.memory.totalBytes, lruCaches.memory.totalBytes, 'less', 'memory'),
  ]
  return (
    `One hotset for ${threads} threads loaded ${whole(hotset.loads)} objects from the origin, ` +
    `${threads} lru-caches ${whole(lruCaches.loads)}: ${figures.join(', ')}.`
  )
}

/** As in '12.5% fewer loads', 'the same memory', '2.1 times the loads'. */
function amount(value: number, other: number, below: string, what: string): string {
  const change = other === 0 ? 0 : (value - other) / other
  if (Math.abs(change) < NEGLIGIBLE) return `the same ${what}`
  if (change >= 1) return `${(value / other).toFixed(1)} times the ${what}`
  return `${(Math.abs(change) * 100).toFixed(1)}% ${change < 0 ? below : 'more'} ${what}`
}

function whole(value: number): string {
  return value.toLocaleString('en')
}
