/** Words of policy lists, of the heap and of the adaptive state to break. */
import { type Breakage, findTimed } from './verify-breakage.js'
import {
  AdaptiveField,
  EntryField,
  MINIATURE_BUCKETS,
  MiniatureField,
  POLICY_LISTS,
  ShardField,
  type VerifyMemory,
} from './verify-memory.js'

const PRIORITY_BIT = 1 << 15
const STATE_BIT = 1 << 23
/** High word of an f64. */
const FAR_OFF_MS = 0x4300_0000

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
  {
    invariant: 426,
    policy: 'adaptive',
    what: 'the configuration is a fifth',
    act: (memory, shard) => memory.setWord(adaptive(shard, 'configuration'), 4),
  },
  {
    invariant: 427,
    policy: 'adaptive',
    what: 'a miniature has lost its chains',
    act: (memory, shard) => {
      const buckets = memory.miniature(shard) + MiniatureField.buckets
      for (let at = 0; at < MINIATURE_BUCKETS; at += 4) memory.setWord(buckets + at, 0)
    },
  },
  {
    invariant: 428,
    policy: 'adaptive',
    what: 'a queue of a miniature counts a node too many',
    act: (memory, shard) => {
      const miniature = memory.miniature(shard)
      const at = miniature + MiniatureField.counts + memory.usedQueue(miniature)
      memory.setByte(at, memory.byte(at) + 1)
    },
  },
  {
    invariant: 428,
    policy: 'adaptive',
    what: 'a queue of a miniature takes another node for its last',
    act: (memory, shard) => {
      const miniature = memory.miniature(shard)
      const at = memory.lastOfQueuePtr(miniature, memory.usedQueue(miniature))
      memory.setByte(at, memory.byte(at) ^ 1)
    },
  },
]

function adaptive(shard: number, field: keyof typeof AdaptiveField): number {
  return shard + ShardField.policyScalars + AdaptiveField[field]
}

/** Where the heap keeps the address of a member. */
function heapSlot(memory: VerifyMemory, shard: number, index: number): number {
  return memory.word(memory.word(shard + ShardField.heapDirectory)) + index * 4
}
