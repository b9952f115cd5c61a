/**
 * What an address of a bank belongs to: the map of memory (assembly/layout.ts) read backwards.
 *
 * Pages are told apart by their class as it is now, so an answer is of now only.
 */
import { constants } from './bank.mjs'

const {
  CLASS_INDEX,
  CLASS_RAW,
  CONTROL_LEASES_PTR,
  CONTROL_PAGE_TABLE_PTR,
  CONTROL_PAGES_PTR,
  CONTROL_PTR,
  CONTROL_SHARD_COUNT,
  CONTROL_SHARDS_PTR,
  CONTROL_STAMPS_PTR,
  CONTROL_TAGS_PTR,
  DYNAMIC_PTR,
  PAGE_BYTES,
  PAGE_ENTRY_BYTES,
  PAGE_SHIFT,
  POLICY_ADAPTIVE,
  SHARD_BYTES,
  THREADS_PTR,
} = constants

export const ENTRY = 'entry'

/** Each with what it is called in tables. */
export const REGIONS = {
  control: 'control',
  thread: 'thread',
  stamps: 'stamps',
  tags: 'tags',
  shard: 'shards',
  directory: 'directories',
  leases: 'leases',
  pageTable: 'page table',
  index: 'index',
  sketch: 'sketch',
  ghost: 'ghost',
  heap: 'policy pages',
  [ENTRY]: 'entries',
}

/** @returns {(address: number) => keyof typeof REGIONS} */
export function regionsOf({ engine }) {
  const { words, bytes } = engine
  const control = (field) => words[(CONTROL_PTR + field) >>> 2] >>> 0
  const shardsPtr = control(CONTROL_SHARDS_PTR)
  const pageTablePtr = control(CONTROL_PAGE_TABLE_PTR)
  const pagesPtr = control(CONTROL_PAGES_PTR)
  const isAdaptive = control(constants.CONTROL_POLICY) === POLICY_ADAPTIVE
  const regions = [
    [0, 'control'],
    [THREADS_PTR, 'thread'],
    [DYNAMIC_PTR, 'stamps'],
    [control(CONTROL_TAGS_PTR), 'tags'],
    [shardsPtr, 'shard'],
    [shardsPtr + control(CONTROL_SHARD_COUNT) * SHARD_BYTES, 'directory'],
    [control(CONTROL_LEASES_PTR), 'leases'],
    [pageTablePtr, 'pageTable'],
  ]
  if (control(CONTROL_STAMPS_PTR) !== DYNAMIC_PTR) throw new Error('the map of memory is another')

  const pageRegion = (offset) => {
    const sizeClass = bytes[pageTablePtr + (offset >>> PAGE_SHIFT) * PAGE_ENTRY_BYTES]
    if (sizeClass === CLASS_INDEX) return 'index'
    if (sizeClass !== CLASS_RAW) return ENTRY
    if (!isAdaptive) return 'heap'
    return (offset & (PAGE_BYTES - 1)) < PAGE_BYTES / 2 ? 'sketch' : 'ghost'
  }
  return (address) => {
    if (address >= pagesPtr) return pageRegion(address - pagesPtr)
    return regions.findLast(([start]) => address >= start)[1]
  }
}
