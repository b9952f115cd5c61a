/** Words of the index to break: directory, segments, groups, and what an entry says of its place. */
import * as layout from '../../assembly/constants.js'
import type { Breakage } from './verify-breakage.js'
import { EntryField, GroupField, ShardField } from './verify-memory.js'

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
