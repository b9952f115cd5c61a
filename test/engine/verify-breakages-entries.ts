/** Ways to break one word of the index or of an entry, and the invariant that no longer holds then. */
import * as layout from '../../assembly/constants.js'
import type { PolicyName } from './verify-bank.js'
import {
  EntryField,
  FragmentField,
  GroupField,
  ShardField,
  type VerifyMemory,
} from './verify-memory.js'

export interface Breakage {
  invariant: number
  /** lru unless said. */
  policy?: PolicyName
  what: string
  act(memory: VerifyMemory, shard: number): void
}

const KEY_CHARS_MASK = 0x1ffff
const USED_TAG = 0x80

export const INDEX_BREAKAGES: Breakage[] = [
  {
    invariant: 101,
    what: 'the directory is too deep',
    act: (memory, shard) =>
      memory.setWord(shard + ShardField.depth, memory.word(shard + ShardField.maxDepth) + 1),
  },
  {
    invariant: 102,
    what: 'the directory refers to nothing',
    act: (memory, shard) => memory.setWord(memory.directoryPtr(shard), 0),
  },
  {
    invariant: 102,
    what: 'the directory refers to an entry',
    act: (memory, shard) => memory.setWord(memory.directoryPtr(shard), memory.findEntry(shard)),
  },
  {
    invariant: 103,
    what: 'a segment is deeper than the directory',
    act: (memory, shard) => {
      const [segment] = memory.segments(shard)
      memory.setByte(segment + GroupField.depth, memory.word(shard + ShardField.depth) + 1)
    },
  },
  {
    invariant: 104,
    what: 'a segment claims its neighbour in the directory',
    act: (memory, shard) => {
      const depth = memory.word(shard + ShardField.depth)
      const segment = memory
        .segments(shard)
        .find((candidate) => memory.byte(candidate + GroupField.depth) === depth)
      memory.setByte((segment ?? 0) + GroupField.depth, depth - 1)
    },
  },
  {
    invariant: 105,
    what: 'a segment is counted too many',
    act: (memory, shard) => memory.addWord(shard + ShardField.segments, 1),
  },
  {
    invariant: 106,
    what: 'a segment counts an entry too few',
    act: (memory, shard) => {
      const at = memory.segments(shard)[1] + GroupField.count
      memory.setHalf(at, memory.half(at) - 1)
    },
  },
  {
    invariant: 107,
    what: 'a used slot refers to nothing',
    act: (memory, shard) => memory.setWord(memory.findSlot(shard).slot, 0),
  },
  {
    invariant: 107,
    what: 'a slot refers into the middle of an entry',
    act: (memory, shard) => memory.addWord(memory.findSlot(shard).slot, 8),
  },
  {
    invariant: 107,
    what: 'a slot refers to a free chunk',
    act: (memory, shard) =>
      memory.setWord(memory.findSlot(shard).slot, memory.findPageWithFree(shard).free),
  },
  {
    invariant: 107,
    what: 'a slot refers to an address that no memory has',
    act: (memory, shard) => memory.setWord(memory.findSlot(shard).slot, 0xffff_fff8),
  },
  {
    invariant: 108,
    what: 'a hash is that of another shard',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.hash, 1),
  },
  {
    invariant: 108,
    what: 'a hash is that of another segment',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.hash, 1 << 31),
  },
  {
    invariant: 109,
    what: 'a tag is another',
    act: (memory, shard) => {
      const { tag } = memory.findSlot(shard)
      memory.setByte(tag, (memory.byte(tag) ^ 1) | USED_TAG)
    },
  },
  {
    invariant: 110,
    what: 'a group counts a passer-by too many',
    act: (memory, shard) => {
      const [group] = memory.groups(shard)
      memory.setByte(group + GroupField.overflow, memory.byte(group + GroupField.overflow) + 1)
    },
  },
  {
    invariant: 111,
    what: 'an empty slot refers to an entry',
    act: (memory, shard) => {
      const { tag } = memory.findSlot(shard)
      memory.setByte(tag, 0)
    },
  },
  {
    invariant: 112,
    what: 'a probe ends before it is there',
    act: (memory, shard) => {
      const group = memory
        .groups(shard)
        .find((candidate) => memory.byte(candidate + GroupField.overflow) > 0)
      memory.setByte((group ?? 0) + GroupField.overflow, 0)
    },
  },
  {
    invariant: 113,
    what: 'a key is another',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard, (at) => !memory.has(at, layout.FLAG_TAGS))
      memory.flip(memory.contentPtr(entry), 1)
    },
  },
  {
    invariant: 113,
    what: 'a hash is another within its segment',
    act: (memory, shard) => memory.flip(memory.findEntry(shard) + EntryField.hash, 1 << 1),
  },
  {
    invariant: 114,
    what: 'a tag hides a key',
    act: (memory, shard) => {
      const { tag } = memory.findSlot(shard)
      memory.setByte(tag, (memory.byte(tag) ^ 3) | USED_TAG)
    },
  },
  {
    invariant: 115,
    what: 'the directory is nowhere',
    act: (memory, shard) => memory.setWord(shard + ShardField.directory, 0),
  },
]

export const ENTRY_BREAKAGES: Breakage[] = [
  {
    invariant: 301,
    what: 'maxEntryBytes is less than an entry has',
    act: (memory) => memory.setWord(memory.controlPtr(layout.CONTROL_MAX_ENTRY_BYTES), 5),
  },
  {
    invariant: 302,
    what: 'a key is too long',
    act: (memory, shard) => {
      const at = memory.findEntry(shard) + EntryField.meta
      memory.setWord(at, memory.word(at) | KEY_CHARS_MASK)
    },
  },
  {
    invariant: 303,
    what: 'a value leaves its chunk',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard, (at) => !memory.has(at, layout.FLAG_CHAINED))
      memory.addWord(entry + EntryField.value, 4096)
    },
  },
  {
    invariant: 303,
    what: 'the first part of a chain leaves its chunk',
    act: (memory, shard) =>
      memory.addWord(memory.chainPart(findChained(memory, shard)) + 4, layout.PAGE_BYTES),
  },
  {
    invariant: 304,
    what: 'an entry has a lifetime and no expiry',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard, (at) => !memory.has(at, layout.FLAG_EXPIRY))
      memory.flip(entry + EntryField.meta, layout.FLAG_LONG_EXPIRY)
    },
  },
  {
    invariant: 305,
    what: 'an entry slides and has no lifetime',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard, (at) => !memory.has(at, layout.FLAG_LONG_EXPIRY))
      memory.flip(entry + EntryField.meta, layout.FLAG_SLIDING)
    },
  },
  {
    invariant: 306,
    what: 'an entry has no tags where it says that it has',
    act: (memory, shard) => memory.setHalf(memory.tagsPart(findTagged(memory, shard)) + 4, 0),
  },
  {
    invariant: 306,
    what: 'an entry has too many tags',
    act: (memory, shard) =>
      memory.setHalf(memory.tagsPart(findTagged(memory, shard)) + 4, layout.MAX_TAGS + 1),
  },
  {
    invariant: 307,
    what: 'a chain holds what a chunk could',
    act: (memory, shard) => {
      const at = findChained(memory, shard) + EntryField.value
      memory.setWord(at, memory.word(at) & ~layout.MAX_VALUE_BYTES)
    },
  },
  {
    invariant: 308,
    what: 'a chain leads to an entry',
    act: (memory, shard) => {
      const entry = findChained(memory, shard)
      memory.setWord(memory.chainPart(entry), entry)
    },
  },
  {
    invariant: 308,
    what: 'a chain leads out of the memory',
    act: (memory, shard) =>
      memory.setWord(memory.chainPart(findChained(memory, shard)), 0xffff_fff0),
  },
  {
    invariant: 309,
    what: 'a part refers back to another',
    act: (memory, shard) => memory.addWord(findFragment(memory, shard) + FragmentField.prev, 8),
  },
  {
    invariant: 310,
    what: 'a part is empty',
    act: (memory, shard) => memory.setWord(findFragment(memory, shard) + FragmentField.bytes, 0),
  },
  {
    invariant: 310,
    what: 'a part leaves its chunk',
    act: (memory, shard) =>
      memory.addWord(findFragment(memory, shard) + FragmentField.bytes, layout.PAGE_BYTES),
  },
  {
    invariant: 311,
    what: 'a part lacks a byte',
    act: (memory, shard) => memory.addWord(findFragment(memory, shard) + FragmentField.bytes, -1),
  },
  {
    invariant: 311,
    what: 'a chain ends early',
    act: (memory, shard) => memory.setWord(memory.chainPart(findChained(memory, shard)), 0),
  },
]

function findChained(memory: VerifyMemory, shard: number): number {
  return memory.findEntry(
    shard,
    (at) => memory.has(at, layout.FLAG_CHAINED) && memory.fragment(at) !== 0,
  )
}

function findFragment(memory: VerifyMemory, shard: number): number {
  return memory.fragment(findChained(memory, shard))
}

function findTagged(memory: VerifyMemory, shard: number): number {
  return memory.findEntry(shard, (at) => memory.has(at, layout.FLAG_TAGS))
}
