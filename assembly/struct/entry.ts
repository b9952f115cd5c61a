// An entry: one chunk, or the first of a chain of chunks (struct/fragment.ts) when it does not fit one.
// Only the shard's lock holder writes; readers without the lock validate by the shard's sequence.
//
//    0  hash        u32
//    4  meta        u32   key characters:17 | mark:1 | type:4 (bit 18) | flags:7 (bit 22) | created high:3 (bit 29)
//    8  value       u32   value bytes:29 | created high:3 (bit 29)
//   12  links       2 x u32   the policy's list; under policy `ttl` the first is a heap position instead
//   20  policy      u32   hits:15 | priority:8 (bit 15) | policy state:9 (bit 23)
//   24  version     u32   unique among the shard's writes
//   28  created     u32   low 32 of 38 bits: milliseconds since the cache began (8.7 years, then clamped)
//   32  [FLAG_EXPIRY]       expires at f64, wheel links 2 x u32
//       [FLAG_LONG_EXPIRY]  lifetime f64, stale period f64 (ms)
//       [FLAG_CHAINED]      next fragment u32, content bytes in this chunk u32
//       [FLAG_TAGS]         birth epoch u32, tag count u16, names bytes u16, count x (bucket hash u32,
//                           identity u32), names, padded to 8
//       content: key bytes, then value bytes
//
// 1. type is neither TYPE_FREE nor TYPE_CONTINUATION.
// 2. header, optional parts and, if not chained, content lie within one chunk.

import {
  ENTRY_HEADER_BYTES,
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_STALE,
  FLAG_TAGS,
  FLAG_WIDE_KEY,
  MAX_HITS,
  MAX_VALUE_BYTES,
} from '../constants'

const KEY_MASK: u32 = 0x1ffff
const MARK: u32 = 0x2_0000
const FLAGS_MASK: u32 = 0x1fc0_0000
const TYPE_SHIFT: u32 = 18
const TYPE_MASK: u32 = 15
const CREATED_SHIFT: u32 = 29
const PRIORITY_SHIFT: u32 = 15
const STATE_SHIFT: u32 = 23
const LINKS: u32 = 12
const WHEEL_LINKS: u32 = 40
const MAX_CREATED_MS: f64 = 274877906943.0 // 2^38 - 1

export class Entry {
  static hash(ptr: u32): u32 {
    return load<u32>(ptr)
  }

  /** Reads from its second cache line, where most values begin; what it returns means nothing. */
  static foresee(ptr: u32): u32 {
    return load<u32>(ptr, 64)
  }

  /** Reads where taking it out of its list and giving its chunk away writes; what it returns means nothing. */
  static foreseeRemoval(ptr: u32): u32 {
    return load<u32>(load<u32>(ptr, LINKS + 4)) + Entry.foresee(ptr)
  }

  static meta(ptr: u32): u32 {
    return load<u32>(ptr, 4)
  }

  static flags(ptr: u32): u32 {
    return Entry.meta(ptr) & FLAGS_MASK
  }

  static has(ptr: u32, flag: u32): bool {
    return (Entry.meta(ptr) & flag) != 0
  }

  static isStale(ptr: u32): bool {
    return Entry.has(ptr, FLAG_STALE)
  }

  static addFlag(ptr: u32, flag: u32): void {
    store<u32>(ptr, Entry.meta(ptr) | flag, 4)
  }

  static dropFlag(ptr: u32, flag: u32): void {
    store<u32>(ptr, Entry.meta(ptr) & ~flag, 4)
  }

  /** Of any chunk: TYPE_FREE, TYPE_CONTINUATION or a value's type. */
  static type(ptr: u32): u32 {
    return (Entry.meta(ptr) >>> TYPE_SHIFT) & TYPE_MASK
  }

  static setType(ptr: u32, type: u32): void {
    store<u32>(ptr, (Entry.meta(ptr) & ~(TYPE_MASK << TYPE_SHIFT)) | (type << TYPE_SHIFT), 4)
  }

  /** Marks a chunk that is not the head of an entry. */
  static markOther(ptr: u32, type: u32): void {
    store<u32>(ptr, type << TYPE_SHIFT, 4)
  }

  /** Of any chunk: the bit that repair.ts goes by, and nobody else. */
  static isMarked(ptr: u32): bool {
    return (Entry.meta(ptr) & MARK) != 0
  }

  static mark(ptr: u32): void {
    store<u32>(ptr, Entry.meta(ptr) | MARK, 4)
  }

  static unmark(ptr: u32): void {
    store<u32>(ptr, Entry.meta(ptr) & ~MARK, 4)
  }

  static keyBytes(ptr: u32): u32 {
    return Entry.keyBytesOf(Entry.meta(ptr))
  }

  static keyBytesOf(meta: u32): u32 {
    return (meta & KEY_MASK) << u32((meta & FLAG_WIDE_KEY) != 0)
  }

  static valueBytes(ptr: u32): u32 {
    return load<u32>(ptr, 8) & MAX_VALUE_BYTES
  }

  static links(ptr: u32): u32 {
    return ptr + LINKS
  }

  /** Both links at once, to keep them while the header is written anew. */
  static linkWords(ptr: u32): u64 {
    return load<u64>(ptr, LINKS)
  }

  static setLinkWords(ptr: u32, words: u64): void {
    store<u64>(ptr, words, LINKS)
  }

  static ofLinks(pair: u32): u32 {
    return pair - LINKS
  }

  static wheelLinks(ptr: u32): u32 {
    return ptr + WHEEL_LINKS
  }

  static ofWheelLinks(pair: u32): u32 {
    return pair - WHEEL_LINKS
  }

  static heapIndex(ptr: u32): u32 {
    return load<u32>(ptr, 12)
  }

  static setHeapIndex(ptr: u32, index: u32): void {
    store<u32>(ptr, index, 12)
  }

  static hits(ptr: u32): u32 {
    return load<u32>(ptr, 20) & MAX_HITS
  }

  static countHits(ptr: u32, count: u32): void {
    Entry.setHits(ptr, min<u32>(Entry.hits(ptr) + count, MAX_HITS))
  }

  static setHits(ptr: u32, hits: u32): void {
    store<u32>(ptr, (load<u32>(ptr, 20) & ~MAX_HITS) | hits, 20)
  }

  static priority(ptr: u32): u32 {
    return (load<u32>(ptr, 20) >>> PRIORITY_SHIFT) & 255
  }

  /** The policy's own 9 bits. */
  static policyState(ptr: u32): u32 {
    return load<u32>(ptr, 20) >>> STATE_SHIFT
  }

  static setPolicyState(ptr: u32, state: u32): void {
    store<u32>(ptr, (load<u32>(ptr, 20) & 0x7f_ffff) | (state << STATE_SHIFT), 20)
  }

  static version(ptr: u32): u32 {
    return load<u32>(ptr, 24)
  }

  static setVersion(ptr: u32, version: u32): void {
    store<u32>(ptr, version, 24)
  }

  static createdAt(ptr: u32): f64 {
    const high = (load<u32>(ptr, 8) >>> CREATED_SHIFT) | ((Entry.meta(ptr) >>> CREATED_SHIFT) << 3)
    return f64((u64(high) << 32) | u64(load<u32>(ptr, 28)))
  }

  /** Writes the fixed header; links and optional parts are left to others. */
  static init(
    ptr: u32,
    hash: u32,
    keyChars: u32,
    type: u32,
    flags: u32,
    valueBytes: u32,
    priority: u32,
    createdAtMs: f64,
  ): void {
    const created = u64(max<f64>(0, min<f64>(createdAtMs, MAX_CREATED_MS)))
    const high = u32(created >> 32)
    store<u32>(ptr, hash)
    store<u32>(ptr, keyChars | (type << TYPE_SHIFT) | flags | ((high >>> 3) << CREATED_SHIFT), 4)
    store<u32>(ptr, valueBytes | ((high & 7) << CREATED_SHIFT), 8)
    store<u64>(ptr, 0, 12)
    store<u32>(ptr, priority << PRIORITY_SHIFT, 20)
    store<u32>(ptr, 0, 24)
    store<u32>(ptr, u32(created), 28)
  }

  static expiresAt(ptr: u32): f64 {
    return load<f64>(ptr, 32)
  }

  static setExpiresAt(ptr: u32, timeMs: f64): void {
    store<f64>(ptr, timeMs, 32)
  }

  static lifetimeMs(ptr: u32): f64 {
    return load<f64>(ptr, 48)
  }

  static staleMs(ptr: u32): f64 {
    return load<f64>(ptr, 56)
  }

  static setLongExpiry(ptr: u32, lifetimeMs: f64, staleMs: f64): void {
    store<f64>(ptr, lifetimeMs, 48)
    store<f64>(ptr, staleMs, 56)
  }

  /** Where the chain part begins (FLAG_CHAINED). */
  static chainPart(ptr: u32): u32 {
    return ptr + Entry.chainOffset(Entry.meta(ptr))
  }

  static nextFragment(ptr: u32): u32 {
    return load<u32>(Entry.chainPart(ptr))
  }

  static headContentBytes(ptr: u32): u32 {
    return load<u32>(Entry.chainPart(ptr), 4)
  }

  static setChain(ptr: u32, next: u32, headContentBytes: u32): void {
    const part = Entry.chainPart(ptr)
    store<u32>(part, next)
    store<u32>(part, headContentBytes, 4)
  }

  /** Where the tags part begins (FLAG_TAGS). */
  static tagsPart(ptr: u32): u32 {
    const meta = Entry.meta(ptr)
    return ptr + Entry.chainOffset(meta) + (u32((meta & FLAG_CHAINED) != 0) << 3)
  }

  /** Key, then value; a chain's content goes on in its fragments. */
  @inline
  static contentPtr(ptr: u32): u32 {
    const meta = Entry.meta(ptr)
    let at = ptr + Entry.chainOffset(meta) + (u32((meta & FLAG_CHAINED) != 0) << 3)
    if (meta & FLAG_TAGS) at += TagsPart.bytes(at)
    return at
  }

  /** Bytes before the content, were it not chained. */
  static headerBytes(flags: u32, tagCount: u32, tagNamesBytes: u32): u32 {
    let bytes = Entry.chainOffset(flags)
    if (flags & FLAG_TAGS) bytes += TagsPart.bytesFor(tagCount, tagNamesBytes)
    return bytes
  }

  private static chainOffset(meta: u32): u32 {
    return (
      ENTRY_HEADER_BYTES +
      (u32((meta & FLAG_EXPIRY) != 0) << 4) +
      (u32((meta & FLAG_LONG_EXPIRY) != 0) << 4)
    )
  }
}

/** The tags part of an entry; the staging of a call that sets tags has hashes and names in the same order. */
export class TagsPart {
  static bytesFor(count: u32, namesBytes: u32): u32 {
    return (8 + count * 8 + namesBytes + 7) & ~7
  }

  static bytes(part: u32): u32 {
    return TagsPart.bytesFor(TagsPart.count(part), TagsPart.namesBytes(part))
  }

  static birthEpoch(part: u32): u32 {
    return load<u32>(part)
  }

  static count(part: u32): u32 {
    return load<u16>(part, 4)
  }

  static namesBytes(part: u32): u32 {
    return load<u16>(part, 6)
  }

  static init(part: u32, birthEpoch: u32, count: u32, namesBytes: u32): void {
    store<u32>(part, birthEpoch)
    store<u16>(part, u16(count), 4)
    store<u16>(part, u16(namesBytes), 6)
  }

  static hashesPtr(part: u32): u32 {
    return part + 8
  }

  static namesPtr(part: u32): u32 {
    return part + 8 + (TagsPart.count(part) << 3)
  }
}

/** A tag's 64-bit hash as two words: one picks the bucket, the other tells tags of a bucket apart. */
export class TagHash {
  static bucket(ptr: u32): u32 {
    return load<u32>(ptr)
  }

  static identity(ptr: u32): u32 {
    return load<u32>(ptr, 4)
  }
}
