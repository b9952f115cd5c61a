/** Words of the epochs of tags, and of what is recorded of their invalidations, to break. */
import * as layout from '../../assembly/constants.js'
import type { Breakage } from './verify-breakage.js'
import type { VerifyMemory } from './verify-memory.js'

/** assembly/sync/tags.ts */
const HARD_BUCKET_BYTES = 128
/** Of the first record of a bucket. */
const RECORD_EPOCH = 12
/** assembly/sync/soft-tags.ts: the same, and the high words of its time and of the floor's. */
const RECORD_TIME = 140
const FLOOR_TIME = 132

const LATER = 1000
/** High words of an f64. */
const INFINITE = 0x7ff0_0000
const NEGATIVE = 0xbff0_0000

function hardBucket(memory: VerifyMemory): number {
  return memory.control(layout.CONTROL_TAGS_PTR)
}

function softBucket(memory: VerifyMemory): number {
  return hardBucket(memory) + memory.control(layout.CONTROL_TAG_BUCKETS) * HARD_BUCKET_BYTES
}

export const TAG_BREAKAGES: Breakage[] = [
  {
    invariant: 701,
    what: 'the record of a tag is of an epoch to come',
    act: (memory) => memory.setWord(hardBucket(memory) + RECORD_EPOCH, LATER),
  },
  {
    invariant: 701,
    what: 'the floor of a bucket is of an epoch to come',
    act: (memory) => memory.setWord(hardBucket(memory), LATER),
  },
  {
    invariant: 701,
    what: 'the record of a soft invalidation is of an epoch to come',
    act: (memory) => memory.setWord(softBucket(memory) + RECORD_EPOCH, LATER),
  },
  {
    invariant: 701,
    what: 'the last hard invalidation is of an epoch to come',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_HARD_EPOCH), LATER),
  },
  {
    invariant: 701,
    what: 'the last soft invalidation is of an epoch to come',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_SOFT_EPOCH), LATER),
  },
  {
    invariant: 702,
    what: 'a soft invalidation was never',
    act: (memory) => memory.setWord(softBucket(memory) + RECORD_TIME, INFINITE),
  },
  {
    invariant: 702,
    what: 'the floor of a bucket was before the cache',
    act: (memory) => memory.setWord(softBucket(memory) + FLOOR_TIME, NEGATIVE),
  },
]
