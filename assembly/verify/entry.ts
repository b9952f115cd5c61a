// Looks at one entry that the index refers to: its key, header, parts and chain. Invariants 113, 114 and 301
// to 311. Every chain is walked to its end or to the first link that leads nowhere.

import {
  ENTRY_HEADER_BYTES,
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_SLIDING,
  FLAG_STALE,
  FLAG_TAGS,
  FLAG_WIDE_KEY,
  MAX_CHUNK_BYTES,
  MAX_KEY_CHARS,
  MAX_TAG_NAMES_BYTES,
  MAX_TAGS,
  TYPE_CONTINUATION,
} from '../constants'
import { Chain } from '../store/chain'
import { Chunks } from '../store/chunks'
import { Hash } from '../store/hash'
import { Table } from '../store/table'
import { Control } from '../struct/control'
import { Entry, TagsPart } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { Links } from '../struct/links'
import { Thread } from '../struct/thread'
import { Problems } from './problems'
import { Tally } from './tally'

export class VerifyEntry {
  /** Overwrites the key staging. */
  static check(shard: u32, entry: u32, slot: u32): void {
    const isScheduled = VerifyEntry.isScheduled(entry)
    const contentBytes = Entry.keyBytes(entry) + Entry.valueBytes(entry)
    Tally.addEntry(Entry.isStale(entry), isScheduled, contentBytes)
    VerifyEntry.flags(entry)
    if (isScheduled != VerifyEntry.isInWheel(entry)) Problems.report(506, entry)
    Problems.check(contentBytes <= Control.maxEntryBytes(), 301, entry)
    const wide = u32(Entry.has(entry, FLAG_WIDE_KEY))
    if (!Problems.check(Entry.keyBytes(entry) >>> wide <= MAX_KEY_CHARS, 302, entry)) return
    const isWhole = Entry.has(entry, FLAG_CHAINED)
      ? VerifyEntry.chain(shard, entry, contentBytes)
      : Problems.check(
          i32(contentBytes) <= Chunks.bytesTo(entry, Entry.contentPtr(entry)),
          303,
          entry,
        )
    if (isWhole) VerifyEntry.key(shard, entry, slot, wide)
  }

  private static flags(entry: u32): void {
    const flags = Entry.flags(entry)
    Problems.check((flags & FLAG_LONG_EXPIRY) == 0 || (flags & FLAG_EXPIRY) != 0, 304, entry)
    // A sliding entry without an expiry has nothing to renew until touch() gives it one.
    const needsLifetime =
      (flags & FLAG_STALE) != 0 ||
      (flags & (FLAG_SLIDING | FLAG_EXPIRY)) == (FLAG_SLIDING | FLAG_EXPIRY)
    Problems.check(!needsLifetime || (flags & FLAG_LONG_EXPIRY) != 0, 305, entry)
    if ((flags & FLAG_TAGS) == 0) return
    const part = Entry.tagsPart(entry)
    const count = TagsPart.count(part)
    Problems.check(
      count > 0 && count <= MAX_TAGS && TagsPart.namesBytes(part) <= MAX_TAG_NAMES_BYTES,
      306,
      entry,
    )
  }

  private static isScheduled(entry: u32): bool {
    if (!Entry.has(entry, FLAG_EXPIRY)) return false
    return isFinite(Entry.expiresAt(entry))
  }

  private static isInWheel(entry: u32): bool {
    return Entry.has(entry, FLAG_EXPIRY) && Links.isLinked(Entry.wheelLinks(entry))
  }

  private static chain(shard: u32, entry: u32, contentBytes: u32): bool {
    const content = Entry.contentPtr(entry)
    const header = content - entry
    Problems.check(
      header >= ENTRY_HEADER_BYTES && header + contentBytes > MAX_CHUNK_BYTES,
      307,
      entry,
    )
    if (
      !Problems.check(
        i32(Entry.headContentBytes(entry)) <= Chunks.bytesTo(entry, content),
        303,
        entry,
      )
    )
      return false
    let bytes = Entry.headContentBytes(entry)
    let prev = entry
    let fragment = Entry.nextFragment(entry)
    while (fragment != 0) {
      if (!Problems.check(Chunks.isMovable(shard, fragment), 308, entry)) return false
      if (!Problems.check(Entry.type(fragment) == TYPE_CONTINUATION, 308, entry)) return false
      if (!Problems.check(Fragment.prev(fragment) == prev, 309, fragment)) return false
      const here = Fragment.bytes(fragment)
      const room = Chunks.bytesTo(fragment, Fragment.contentPtr(fragment))
      // Why not empty: so that a ring of fragments exceeds the entry's bytes at some time.
      if (!Problems.check(here > 0 && i32(here) <= room, 310, fragment)) return false
      bytes += here
      if (bytes > contentBytes) break
      Tally.addFragment()
      prev = fragment
      fragment = Fragment.next(fragment)
    }
    return Problems.check(bytes == contentBytes, 311, entry)
  }

  private static key(shard: u32, entry: u32, slot: u32, wide: u32): void {
    const bytes = Entry.keyBytes(entry)
    const keyPtr = Thread.keyPtr()
    if (!Problems.check(Chain.read(entry, 0, keyPtr, bytes), 113, entry)) return
    const hash = u32(Hash.of(keyPtr, bytes, wide) >> 32)
    Problems.check(hash == Entry.hash(entry), 113, entry)
    Problems.check(Table.find(shard, Entry.hash(entry), keyPtr, bytes, wide) == slot, 114, entry)
  }
}
