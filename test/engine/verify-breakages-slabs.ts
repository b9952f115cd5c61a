/** Words of the page table, of free lists and of the pool to break. */
import * as layout from '../../assembly/constants.js'
import type { Breakage } from './verify-breakage.js'
import { AdaptiveField, PageField, ShardField, type VerifyMemory } from './verify-memory.js'

const NO_SUCH_CLASS = 60
const NO_SUCH_SHARD = 9

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
    act: (memory, shard) =>
      memory.addWord(shard + ShardField.policyScalars + AdaptiveField.pages, -1),
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
    what: 'the pool has used a page fewer',
    act: (memory) => memory.addWord(memory.controlPtr(layout.CONTROL_POOL_BUMP), -1),
  },
]

function findRawPage(memory: VerifyMemory, shard: number): number {
  return memory.findPage(shard, (page) => memory.byte(page + PageField.class) === layout.CLASS_RAW)
}

/** The words of a class that has pages with room. */
function classWithRoom(memory: VerifyMemory, shard: number): number {
  const { page } = memory.findPageWithFree(shard)
  return memory.classPtr(shard, memory.byte(page + PageField.class))
}
