/** Words of locks, of the wheel and of a shard's counters to break. */
import * as layout from '../../assembly/constants.js'
import { ownThread } from '../../src/engine/thread-identity.js'
import { type Breakage, findTimed } from './verify-breakage.js'
import { EntryField, ShardField, type VerifyMemory } from './verify-memory.js'

/** High word of an f64. */
const ONE_MS = 0x3ff0_0000

const OTHER_SLOT = 6

/** As a thread that is alive and does not let go. */
function holdLock(memory: VerifyMemory, ptr: number): void {
  memory.setWord(layout.REGISTRY_PTR + OTHER_SLOT * layout.REGISTRY_SLOT_BYTES, ownThread.id)
  memory.setWord(ptr, OTHER_SLOT + 1)
}

export const SHARD_BREAKAGES: Breakage[] = [
  {
    invariant: 1,
    what: 'another thread holds the lock of a shard',
    act: (memory, shard) => holdLock(memory, shard + ShardField.lock),
  },
  {
    invariant: 1,
    what: 'another thread holds the lock of the pool',
    act: (memory) => holdLock(memory, memory.controlPtr(layout.CONTROL_POOL_LOCK)),
  },
  {
    invariant: 501,
    what: 'an entry has another neighbour in the wheel',
    act: (memory, shard) => memory.addWord(findTimed(memory, shard) + EntryField.wheelPrev, 8),
  },
  {
    invariant: 502,
    what: 'a bucket leads to no entry',
    act: (memory, shard) => memory.setWord(memory.usedBuckets(shard)[0] + 4, shard),
  },
  {
    invariant: 503,
    what: 'the wheel counts an entry too many',
    act: (memory, shard) => memory.addWord(shard + ShardField.wheelCount, 1),
  },
  {
    invariant: 504,
    what: 'the bits of buckets with members are lost',
    act: (memory, shard) => {
      const [sentinel] = memory.usedBuckets(shard)
      const bucket = (sentinel - shard - ShardField.wheelBuckets) >>> 3
      memory.setWord(shard + ShardField.wheelBitmaps + (bucket >>> 5) * 4, 0)
    },
  },
  {
    invariant: 505,
    what: 'an entry is due before its bucket',
    act: (memory, shard) => {
      const entry = memory.findEntry(
        shard,
        (at) => memory.isTimed(at) && memory.expiresAt(at) > 10_000,
      )
      memory.setWord(entry + EntryField.expiresAt + 4, ONE_MS)
    },
  },
  {
    invariant: 505,
    what: 'the wheel has gone past its buckets',
    act: (memory, shard) => memory.addWord(shard + ShardField.wheelTick, 1 << 16),
  },
  {
    invariant: 506,
    what: 'an entry that expires is not in the wheel',
    act: (memory, shard) => memory.setWord(findTimed(memory, shard) + EntryField.wheelNext, 0),
  },
  {
    invariant: 601,
    what: 'an entry is counted too many',
    act: (memory, shard) => memory.addWord(shard + ShardField.entries, 1),
  },
  {
    invariant: 602,
    what: 'a byte of payload is counted too many',
    act: (memory, shard) => memory.addWord(memory.counterPtr(shard, layout.STAT_PAYLOAD_BYTES), 1),
  },
  {
    invariant: 603,
    what: 'a stale entry is counted too many',
    act: (memory, shard) => memory.addWord(shard + ShardField.staleEntries, 1),
  },
  {
    invariant: 604,
    what: 'maxEntries is less than there are',
    act: (memory, shard) => memory.setWord(shard + ShardField.maxEntries, 1),
  },
  {
    invariant: 605,
    what: 'a change was never ended',
    act: (memory, shard) => memory.addWord(shard + ShardField.sequence, 1),
  },
  {
    invariant: 606,
    what: 'a byte is counted as used too many',
    act: (memory, shard) => memory.addWord(memory.counterPtr(shard, layout.STAT_USED_BYTES), 1),
  },
]
