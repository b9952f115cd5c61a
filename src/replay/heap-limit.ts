/**
 * How far the heap of a thread may grow: to twice the budget and more, so that a cache that lives on
 * the heap has room for what it was promised.
 */
import { getHeapStatistics } from 'node:v8'
import type { Budget } from './budget.js'

const MIB = 1024 * 1024
const HEAP_BASE_MIB = 1024
const HEAP_FACTOR = 2
/** More than an entry costs beside its value. */
const ENTRY_ALLOWANCE_BYTES = 512

export function heapLimitMib(budget: Budget, valueBytes: number): number {
  const budgetBytes =
    budget.unit === 'bytes' ? budget.bytes : budget.entries * (valueBytes + ENTRY_ALLOWANCE_BYTES)
  const usualMib = getHeapStatistics().heap_size_limit / MIB
  return Math.ceil(Math.max(usualMib, HEAP_BASE_MIB + (HEAP_FACTOR * budgetBytes) / MIB))
}
