/**
 * What both caches are given, in bytes or in entries, and what an entry is taken to cost.
 *
 * In bytes, "the same memory" is to mean the same memory. hotset bounds all it uses by itself. For
 * lru-cache the size of an entry is what it costs on the V8 heap:
 *
 *   key string     16 bytes and its characters, in steps of 8
 *   value string   the same
 *   table          LRU_CACHE_ENTRY_BYTES for its Map and its lists
 *
 * Measured on Node 20 in full caches of 50,000 to 1,000,000 entries, the last is between 113 and 153
 * bytes, as full as the tables happen to be; 128 is below the mean (132), and lifetimes, 16 bytes
 * more, are not counted. So lru-cache may take a little more than its budget: what it really takes is
 * measured and shown beside it.
 */

/** Wrapped keys and values: map, hash and length words of a V8 string. */
const STRING_HEADER_BYTES = 16
const HEAP_STEP_BYTES = 8
export const LRU_CACHE_ENTRY_BYTES = 128

/** A tenth of the budget and 512 MiB, as in hotset: larger objects are not cached by either. */
const LARGEST_SHARE = 10
const LARGEST_ENTRY_BYTES = 512 * 1024 * 1024 - 1
/** What an entry may cost beside its value: key, header, size class. */
const ENTRY_ALLOWANCE_BYTES = 4096

/** For a budget in entries: what the bytes have to suffice for. */
const KEY_ALLOWANCE_BYTES = 256
const HEADER_ALLOWANCE_BYTES = 64
const SLACK = 1.5
const FIXED_BYTES = 16 * 1024 * 1024
const FIXED_VALUES = 16

export type Budget = { unit: 'bytes'; bytes: number } | { unit: 'entries'; entries: number }

/** What an entry with this key and value, both Latin-1 strings, costs lru-cache on the heap. */
export function lruCacheEntryBytes(key: string, value: string): number {
  return stringBytes(key) + stringBytes(value) + LRU_CACHE_ENTRY_BYTES
}

function stringBytes(text: string): number {
  const bytes = STRING_HEADER_BYTES + text.length
  return Math.ceil(bytes / HEAP_STEP_BYTES) * HEAP_STEP_BYTES
}

/** Larger objects are not stored in either cache. Budgets in bytes are at least 1 MiB. */
export function largestValueBytes(budget: Budget): number {
  if (budget.unit === 'entries') return Number.POSITIVE_INFINITY
  const largestEntryBytes = Math.min(LARGEST_ENTRY_BYTES, Math.floor(budget.bytes / LARGEST_SHARE))
  return largestEntryBytes - ENTRY_ALLOWANCE_BYTES
}

/**
 * The budget cut into parts, for caches that are to have it together: as even as whole numbers allow,
 * the first ones larger by one.
 *
 * @param parts at most the entries of a budget in entries
 */
export function splitBudget(budget: Budget, parts: number): Budget[] {
  const whole = budget.unit === 'bytes' ? budget.bytes : budget.entries
  return Array.from({ length: parts }, (_, index): Budget => {
    const part = Math.floor(whole / parts) + (index < whole % parts ? 1 : 0)
    return budget.unit === 'bytes'
      ? { unit: 'bytes', bytes: part }
      : { unit: 'entries', entries: part }
  })
}

/** Bytes that let so many entries in, so that the count is what bounds. */
export function bytesForEntries(entries: number, valueBytes: number): number {
  const entryBytes = valueBytes + KEY_ALLOWANCE_BYTES + HEADER_ALLOWANCE_BYTES
  return Math.ceil(FIXED_BYTES + FIXED_VALUES * valueBytes + entries * entryBytes * SLACK)
}
