/** Ways to break one word of a shard's pages, policy, wheel or counters, or of the pool. */
import * as layout from '../../assembly/constants.js'
import type { Breakage } from './verify-breakages-entries.js'
import {
  AdaptiveField,
  EntryField,
  PageField,
  POLICY_LISTS,
  ShardField,
  type VerifyMemory,
} from './verify-memory.js'

const PRIORITY_BIT = 1 << 15
const STATE_BIT = 1 << 23
const NO_SUCH_CLASS = 60
const NO_SUCH_SHARD = 9
/** High words of f64s. */
const ONE_MS = 0x3ff0_0000
const FAR_OFF_MS = 0x4300_0000

export const SLAB_BREAKAGES: Breakage[] = [
  {
    invariant: 201,
    policy: 'adaptive',
    what: 'a page is of no class',
    act: (memory, shard) =>
      memory.setByte(findRawPage(memory, shard) + PageField.class, NO_SUCH_CLASS),
  },
  {
    invariant: 202,
    what: 'a page without chunks in use is kept',
    act: (memory, shard) => memory.setHalf(memory.findPageWithFree(shard).page + PageField.used, 0),
  },
  {
    invariant: 203,
    what: 'a page with room is not listed',
    act: (memory, shard) =>
      memory.setByte(memory.findPageWithFree(shard).page + PageField.listed, 0),
  },
  {
    invariant: 204,
    what: 'a page counts a chunk in use too many',
    act: (memory, shard) => {
      const at = memory.findPageWithFree(shard).page + PageField.used
      memory.setHalf(at, memory.half(at) + 1)
    },
  },
  {
    invariant: 205,
    what: 'a free list leads to a chunk in use',
    act: (memory, shard) => {
      const { page, used } = memory.findPageWithFree(shard)
      memory.setHalf(page + PageField.free, ((used & (layout.PAGE_BYTES - 1)) >>> 3) + 1)
    },
  },
  {
    invariant: 205,
    what: 'a free list leads out of its page',
    act: (memory, shard) => memory.setWord(memory.findPageWithFree(shard).free, layout.PAGE_BYTES),
  },
  {
    invariant: 206,
    what: 'a free list is lost',
    act: (memory, shard) => memory.setHalf(memory.findPageWithFree(shard).page + PageField.free, 0),
  },
  {
    invariant: 207,
    what: 'the list of a class is lost',
    act: (memory, shard) => memory.setWord(classWithRoom(memory, shard), 0),
  },
  {
    invariant: 207,
    what: 'the list of a class leads to a page of another shard',
    act: (memory, shard) => {
      const other = memory.shards.find((candidate) => candidate !== shard) ?? 0
      memory.setWord(classWithRoom(memory, shard), memory.word(classWithRoom(memory, other)))
    },
  },
  {
    invariant: 208,
    what: 'a class counts a free chunk too many',
    act: (memory, shard) => memory.addWord(classWithRoom(memory, shard) + 4, 1),
  },
  {
    invariant: 209,
    what: 'a class counts a page too many',
    act: (memory, shard) => memory.addWord(classWithRoom(memory, shard) + 8, 1),
  },
  {
    invariant: 210,
    what: 'a surplus bit is another',
    act: (memory, shard) => memory.flip(shard + ShardField.surplus, 1),
  },
  {
    invariant: 211,
    what: 'a shard counts a page too few',
    act: (memory, shard) => memory.addWord(shard + ShardField.pages, -1),
  },
  {
    invariant: 213,
    what: 'an entry is not in the index',
    act: (memory, shard) => memory.setType(memory.findPageWithFree(shard).free, 1),
  },
  {
    invariant: 214,
    what: 'a part belongs to no chain',
    act: (memory, shard) =>
      memory.setType(memory.findPageWithFree(shard).free, layout.TYPE_CONTINUATION),
  },
  {
    invariant: 215,
    what: 'a chunk is pending for nobody',
    act: (memory, shard) =>
      memory.setType(memory.findPageWithFree(shard).free, layout.TYPE_PENDING),
  },
  {
    invariant: 216,
    what: 'an index chunk in use is no segment',
    act: (memory, shard) => memory.addWord(memory.classPtr(shard, layout.CLASS_INDEX) + 4, -1),
  },
  {
    invariant: 217,
    policy: 'adaptive',
    what: 'a raw page is not of the policy',
    act: (memory, shard) => memory.addWord(adaptive(shard, 'pages'), -1),
  },
  {
    invariant: 217,
    policy: 'ttl',
    what: 'a raw page is not of the heap',
    act: (memory, shard) => memory.addWord(shard + ShardField.heapPages, 1),
  },
  {
    invariant: 221,
    what: 'a page belongs to no shard',
    act: (memory, shard) =>
      memory.setHalf(memory.findPageWithFree(shard).page + PageField.shard, NO_SUCH_SHARD),
  },
  {
    invariant: 222,
    what: 'the pool leads to a page of a shard',
    act: (memory, shard) => {
      const page = memory.findPageWithFree(shard).page
      const link = memory.pages().indexOf(page) + 1
      memory.setWord(memory.controlPtr(layout.CONTROL_POOL_FREE_HEAD), link)
    },
  },
  {
    invariant: 223,
    what: 'the pool has lost its list',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_POOL_FREE_HEAD), 0),
  },
  {
    invariant: 224,
    what: 'the pool counts a page too many',
    act: (memory) => memory.addWord(memory.controlPtr(layout.CONTROL_POOL_FREE_COUNT), 1),
  },
  {
    invariant: 224,
    what: 'the pool has used more pages than there are',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_POOL_BUMP), 0x7fff_ffff),
  },
]

export const POLICY_BREAKAGES: Breakage[] = [
  ...(['lru', 'lfu', 'fifo', 'priority', 'adaptive'] as const).map(
    (policy): Breakage => ({
      invariant: 401,
      policy,
      what: 'an entry has another neighbour',
      act: (memory, shard) => memory.addWord(memory.findEntry(shard) + EntryField.linkPrev, 8),
    }),
  ),
  ...(['lru', 'ttl', 'adaptive'] as const).map(
    (policy): Breakage => ({
      invariant: 402,
      policy,
      what: 'a list leads to no entry',
      act: (memory, shard) => {
        const [list] = memory.usedLists(shard)
        memory.setWord(memory.listPtr(shard, list) + 4, shard)
      },
    }),
  ),
  {
    invariant: 402,
    policy: 'ttl',
    what: 'the heap holds no entry',
    act: (memory, shard) => memory.setWord(heapSlot(memory, shard, 0), shard),
  },
  {
    invariant: 403,
    what: 'a list has lost its members',
    act: (memory, shard) => {
      const sentinel = memory.listPtr(shard, 0)
      memory.setWord(sentinel + 4, sentinel)
    },
  },
  {
    invariant: 403,
    policy: 'ttl',
    what: 'the heap lacks its last member',
    act: (memory, shard) => memory.addWord(shard + ShardField.heapCount, -1),
  },
  {
    invariant: 404,
    what: 'a list has members that the policy does not use',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard)
      memory.setWord(memory.listPtr(shard, 5) + 4, entry + EntryField.linkPrev)
    },
  },
  ...(['lfu', 'priority'] as const).map(
    (policy): Breakage => ({
      invariant: 405,
      policy,
      what: 'the bits of lists with members are lost',
      act: (memory, shard) => {
        const [list] = memory.usedLists(shard)
        memory.setWord(shard + ShardField.listBitmap + (list >>> 5) * 4, 0)
      },
    }),
  ),
  {
    invariant: 404,
    policy: 'lfu',
    what: 'the age leaves entries behind',
    act: (memory, shard) => memory.addWord(shard + ShardField.policyScalars, POLICY_LISTS / 2),
  },
  {
    invariant: 406,
    policy: 'lfu',
    what: 'an entry has another frequency than its list',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.policy, STATE_BIT),
  },
  {
    invariant: 406,
    policy: 'priority',
    what: 'an entry has another priority than its list',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.policy, PRIORITY_BIT),
  },
  {
    invariant: 407,
    policy: 'ttl',
    what: 'the heap is larger than its pages',
    act: (memory, shard) => memory.setWord(shard + ShardField.heapCount, 1e6),
  },
  {
    invariant: 408,
    policy: 'ttl',
    what: 'a page of the heap is a segment',
    act: (memory, shard) => {
      const [segment] = memory.segments(shard)
      memory.setWord(memory.word(shard + ShardField.heapDirectory), segment)
    },
  },
  {
    invariant: 409,
    policy: 'ttl',
    what: 'an entry takes itself to be elsewhere in the heap',
    act: (memory, shard) => memory.addWord(findTimed(memory, shard) + EntryField.heapIndex, 1),
  },
  {
    invariant: 410,
    policy: 'ttl',
    what: 'an entry of the heap denies it',
    act: (memory, shard) => memory.flip(findTimed(memory, shard) + EntryField.policy, STATE_BIT),
  },
  {
    invariant: 411,
    policy: 'ttl',
    what: 'the first entry of the heap is the last to expire',
    act: (memory, shard) => {
      const first = memory.word(heapSlot(memory, shard, 0))
      memory.setWord(first + EntryField.expiresAt + 4, FAR_OFF_MS)
    },
  },
  {
    invariant: 412,
    policy: 'ttl',
    what: 'the directory of the heap is nowhere',
    act: (memory, shard) => memory.setWord(shard + ShardField.heapDirectory, 0),
  },
  {
    invariant: 421,
    policy: 'adaptive',
    what: 'an entry names another queue',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.policy, STATE_BIT),
  },
  {
    invariant: 422,
    policy: 'adaptive',
    what: 'a queue counts an entry too many',
    act: (memory, shard) => memory.addWord(adaptive(shard, 'young'), 1),
  },
  {
    invariant: 424,
    policy: 'adaptive',
    what: 'the sketch has more blocks than its pages',
    act: (memory, shard) => memory.setWord(adaptive(shard, 'blocks'), 1e6),
  },
  {
    invariant: 424,
    policy: 'adaptive',
    what: 'the ghost has more buckets than its pages',
    act: (memory, shard) => memory.setWord(adaptive(shard, 'buckets'), 1e6),
  },
  {
    invariant: 425,
    policy: 'adaptive',
    what: 'the sweep is beyond all blocks',
    act: (memory, shard) => memory.setWord(adaptive(shard, 'sweep'), 1e9),
  },
]

/** Lock, wheel and counters. */
export const SHARD_BREAKAGES: Breakage[] = [
  {
    invariant: 1,
    what: 'another thread holds the lock of a shard',
    act: (memory, shard) => memory.setWord(shard + ShardField.lock, 7),
  },
  {
    invariant: 1,
    what: 'another thread holds the lock of the pool',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_POOL_LOCK), 7),
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

function findTimed(memory: VerifyMemory, shard: number): number {
  return memory.findEntry(shard, (at) => memory.isTimed(at))
}

function findRawPage(memory: VerifyMemory, shard: number): number {
  return memory.findPage(shard, (page) => memory.byte(page + PageField.class) === layout.CLASS_RAW)
}

function adaptive(shard: number, field: keyof typeof AdaptiveField): number {
  return shard + ShardField.policyScalars + AdaptiveField[field]
}

/** Where the heap keeps the address of a member. */
function heapSlot(memory: VerifyMemory, shard: number, index: number): number {
  return memory.word(memory.word(shard + ShardField.heapDirectory)) + index * 4
}

/** The words of a class that has pages with room. */
function classWithRoom(memory: VerifyMemory, shard: number): number {
  const { page } = memory.findPageWithFree(shard)
  return memory.classPtr(shard, memory.byte(page + PageField.class))
}
