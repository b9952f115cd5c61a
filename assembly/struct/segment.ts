// A segment of the index: 64 groups, each one cache line.
//
//   group:  0  tags       12 x u8   7 bits of hash | 0x80; 0: slot empty
//          12  overflow   u8        entries whose probe passed here, this group being full; 255: lost count
//          13  depth      u8        of the first group only: the segment's local depth
//          14  count      u16       of the first group only: entries in the segment
//          16  slots      12 x u32  entries
//
// Why 12 slots for 16 lanes: tags, their slots and the overflow count fill one line of 64 bytes, so that a
// hit costs two misses, group and entry. 16 slots would need 80 bytes, and a third miss.
// Written under the shard's lock within a change; read without, and validated.

import { GROUP_COUNT, SEGMENT_BYTES } from '../constants'

const GROUP_SHIFT: u32 = 6
const TAG_LANES: u32 = 0xfff
const LOST_COUNT: u32 = 255

export class Segment {
  static clear(segment: u32, depth: u32): void {
    memory.fill(segment, 0, SEGMENT_BYTES)
    store<u8>(segment, u8(depth), 13)
  }

  static depth(segment: u32): u32 {
    return load<u8>(segment, 13)
  }

  static setDepth(segment: u32, depth: u32): void {
    store<u8>(segment, u8(depth), 13)
  }

  static count(segment: u32): u32 {
    return load<u16>(segment, 14)
  }

  static setCount(segment: u32, count: u32): void {
    store<u16>(segment, u16(count), 14)
  }

  static group(segment: u32, index: u32): u32 {
    return segment + ((index & (GROUP_COUNT - 1)) << GROUP_SHIFT)
  }
}

export class Group {
  /** A bit for each slot with this tag. */
  static match(group: u32, tag: u32): u32 {
    return i8x16.bitmask(i8x16.eq(v128.load(group), i8x16.splat(i8(tag)))) & TAG_LANES
  }

  static matchEmpty(group: u32): u32 {
    return Group.match(group, 0)
  }

  static matchUsed(group: u32): u32 {
    return i8x16.bitmask(v128.load(group)) & TAG_LANES
  }

  static slotAt(group: u32, index: u32): u32 {
    return group + 16 + (index << 2)
  }

  static slotEntry(slot: u32): u32 {
    return load<u32>(slot)
  }

  static setSlotEntry(slot: u32, entry: u32): void {
    store<u32>(slot, entry)
  }

  static put(group: u32, index: u32, tag: u32, entry: u32): void {
    store<u32>(Group.slotAt(group, index), entry)
    store<u8>(group + index, u8(tag))
  }

  static drop(group: u32, index: u32): void {
    store<u8>(group + index, 0)
    store<u32>(Group.slotAt(group, index), 0)
  }

  static overflow(group: u32): u32 {
    return load<u8>(group, 12)
  }

  static countOverflow(group: u32): void {
    const count = Group.overflow(group)
    if (count != LOST_COUNT) store<u8>(group, u8(count + 1), 12)
  }

  static uncountOverflow(group: u32): void {
    const count = Group.overflow(group)
    if (count != LOST_COUNT) store<u8>(group, u8(count - 1), 12)
  }

  static hasLostCount(group: u32): bool {
    return Group.overflow(group) == LOST_COUNT
  }

  static ofSlot(slot: u32): u32 {
    return slot & ~63
  }

  static indexOfSlot(slot: u32): u32 {
    return ((slot & 63) - 16) >>> 2
  }
}
