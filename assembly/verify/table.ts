// Walks the index of a shard: directory, segments, groups and slots, and the entry at each slot. Invariants
// 101 to 115, and what the index says of the counters (601 to 605).
//
// Costs a few cache misses an entry, and a comparison for each group that an entry's probe passed.

import { CLASS_INDEX, GROUP_COUNT, GROUP_SLOTS, STAT_PAYLOAD_BYTES } from '../constants'
import { Chunks } from '../store/chunks'
import { Table } from '../store/table'
import { Entry } from '../struct/entry'
import { Scratch } from '../struct/scratch'
import { Group, Segment } from '../struct/segment'
import { Shard } from '../struct/shard'
import { VerifyEntry } from './entry'
import { Problems } from './problems'
import { Tally } from './tally'

export class VerifyTable {
  /** Whether the index can be walked: what else there is to verify leans on it. */
  static shard(shard: u32): bool {
    const depth = Shard.depth(shard)
    const directoryBytes = u64(4) << u64(Shard.maxDepth(shard) & 31)
    if (!Problems.check(Chunks.isDirectory(Shard.directory(shard), directoryBytes), 115, shard))
      return false
    if (!Problems.check(depth <= Shard.maxDepth(shard), 101, shard)) return false
    const end: u32 = 1 << depth
    let segments: u32 = 0
    let index: u32 = 0
    while (index < end) {
      const segment = Table.segmentAt(shard, index)
      if (!Problems.check(Chunks.isOfClass(shard, segment, CLASS_INDEX), 102, segment)) return false
      if (!Problems.check(Segment.depth(segment) <= depth, 103, segment)) return false
      const span: u32 = 1 << (depth - Segment.depth(segment))
      if (!VerifyTable.span(shard, segment, index, span)) return false
      segments++
      index += span
    }
    Problems.check(segments == Shard.segments(shard), 105, shard)
    for (
      index = 0;
      index < end;
      index += 1 << (depth - Segment.depth(Table.segmentAt(shard, index)))
    ) {
      if (!VerifyTable.segment(shard, Table.segmentAt(shard, index))) return false
    }
    VerifyTable.counters(shard)
    return true
  }

  private static span(shard: u32, segment: u32, index: u32, span: u32): bool {
    if (!Problems.check((index & (span - 1)) == 0, 104, segment)) return false
    for (let at = index; at < index + span; at++) {
      if (!Problems.check(Table.segmentAt(shard, at) == segment, 104, segment)) return false
    }
    return true
  }

  private static segment(shard: u32, segment: u32): bool {
    Scratch.clear(0, GROUP_COUNT)
    let used: u32 = 0
    let sound = true
    for (let index: u32 = 0; index < GROUP_COUNT; index++) {
      const group = Segment.group(segment, index)
      const tags = Group.matchUsed(group)
      for (let slot: u32 = 0; slot < GROUP_SLOTS; slot++) {
        const at = Group.slotAt(group, slot)
        if (((tags >>> slot) & 1) == 0) {
          Problems.check(Group.slotEntry(at) == 0, 111, at)
          continue
        }
        used++
        if (!VerifyTable.slot(shard, segment, index, at)) sound = false
      }
    }
    Problems.check(used == Segment.count(segment), 106, segment)
    for (let index: u32 = 0; index < GROUP_COUNT; index++) {
      const group = Segment.group(segment, index)
      const passed = Scratch.get(index)
      const isExact = Group.overflow(group) == min<u32>(passed, 255)
      Problems.check(isExact || Group.hasLostCount(group), 110, group)
    }
    return sound
  }

  /** False if there is no telling what the slot refers to. */
  private static slot(shard: u32, segment: u32, groupIndex: u32, slot: u32): bool {
    const entry = Group.slotEntry(slot)
    if (!Problems.check(Chunks.isMovable(shard, entry), 107, slot)) return false
    if (!Problems.check(Chunks.isEntryType(Entry.type(entry)), 107, slot)) return false
    const hash = Entry.hash(entry)
    const isHere = Shard.ofHash(hash) == shard && Table.segmentOf(shard, hash) == segment
    if (!Problems.check(isHere, 108, entry)) return true
    const tagIndex = Group.indexOfSlot(slot)
    const group = Segment.group(segment, groupIndex)
    Problems.check(((Group.match(group, Table.tagOf(hash)) >>> tagIndex) & 1) == 1, 109, entry)
    const home = Table.homeOf(hash)
    for (let probe: u32 = 0; ((home + probe) & (GROUP_COUNT - 1)) != groupIndex; probe++) {
      Scratch.add((home + probe) & (GROUP_COUNT - 1), 1)
    }
    Problems.check(Table.findEntry(shard, hash, entry) == slot, 112, entry)
    VerifyEntry.check(shard, entry, slot)
    return true
  }

  private static counters(shard: u32): void {
    Problems.check(Tally.entries() == Shard.entries(shard), 601, shard)
    Problems.check(Tally.payloadBytes() == Shard.counter(shard, STAT_PAYLOAD_BYTES), 602, shard)
    Problems.check(Tally.staleEntries() == Shard.staleEntries(shard), 603, shard)
    const most = Shard.maxEntries(shard)
    Problems.check(most == 0 || Shard.entries(shard) <= most, 604, shard)
    Problems.check((Shard.sequence(shard) & 1) == 0, 605, shard)
  }
}
