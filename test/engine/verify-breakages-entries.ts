/** Words of entries and of the further parts of chains to break. */
import * as layout from '../../assembly/constants.js'
import type { Breakage } from './verify-breakage.js'
import { EntryField, FragmentField, type VerifyMemory } from './verify-memory.js'

const KEY_CHARS_MASK = 0x1ffff

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
    what: 'an entry that expires slides and has no lifetime',
    act: (memory, shard) => {
      const entry = memory.findEntry(
        shard,
        (at) => memory.has(at, layout.FLAG_EXPIRY) && !memory.has(at, layout.FLAG_LONG_EXPIRY),
      )
      memory.flip(entry + EntryField.meta, layout.FLAG_SLIDING)
    },
  },
  {
    invariant: 305,
    what: 'an entry is stale and never expires',
    act: (memory, shard) => {
      const entry = memory.findEntry(shard, (at) => !memory.has(at, layout.FLAG_EXPIRY))
      memory.flip(entry + EntryField.meta, layout.FLAG_STALE)
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
