// The content of an entry (key bytes, then value bytes) as one stream, whether it lies in one chunk or in
// a chain of them. Walks stop at what cannot be a chunk, so that they are safe without the lock; what they
// copied is then to be validated.

import { FLAG_CHAINED, PAGE_BYTES } from '../constants'
import { Entry } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { Page } from '../struct/page'
import { Bytes } from './bytes'
import { Slab } from './slab'
import { Table } from './table'

const MAX_FRAGMENTS: u32 = 1 << 18

export class Chain {
  /** Copies content out; false if the chain is broken (a torn read). May write 15 bytes more, of a value in one chunk. */
  static read(entry: u32, offset: u32, to: u32, bytes: u32): bool {
    // Why: an entry without content may end where the pages end.
    if (bytes == 0) return true
    let content = Entry.contentPtr(entry)
    if (!Entry.has(entry, FLAG_CHAINED)) {
      if (!Table.isChunk(content) || offset + bytes > Page.within(content, PAGE_BYTES)) return false
      Bytes.copyLoosely(to, content + offset, bytes)
      return true
    }
    if (!Table.isChunk(content)) return false
    let here = Page.within(content, Entry.headContentBytes(entry))
    let next = Entry.nextFragment(entry)
    for (let bound: u32 = 0; bound < MAX_FRAGMENTS; bound++) {
      if (offset < here) {
        const part = min<u32>(bytes, here - offset)
        Bytes.copy(to, content + offset, part)
        to += part
        bytes -= part
        offset = 0
      } else offset -= here
      if (bytes == 0) return true
      if (!Table.isChunk(next)) return false
      content = Fragment.contentPtr(next)
      here = Page.within(content, Fragment.bytes(next))
      next = Fragment.next(next)
    }
    return false
  }

  /** Copies content in, under the lock or into a pending entry. */
  static write(entry: u32, offset: u32, from: u32, bytes: u32): void {
    let content = Entry.contentPtr(entry)
    if (!Entry.has(entry, FLAG_CHAINED)) {
      Bytes.copy(content + offset, from, bytes)
      return
    }
    let here = Entry.headContentBytes(entry)
    let next = Entry.nextFragment(entry)
    while (bytes > 0) {
      if (offset < here) {
        const part = min<u32>(bytes, here - offset)
        Bytes.copy(content + offset, from, part)
        from += part
        bytes -= part
        offset = 0
      } else offset -= here
      if (next == 0) return
      content = Fragment.contentPtr(next)
      here = Fragment.bytes(next)
      next = Fragment.next(next)
    }
  }

  /** Copies the whole content of one entry into another of the same content size. */
  static copyContent(from: u32, to: u32, bytes: u32): void {
    if (!Entry.has(from, FLAG_CHAINED)) {
      Chain.write(to, 0, Entry.contentPtr(from), bytes)
      return
    }
    let offset = Entry.headContentBytes(from)
    Chain.write(to, 0, Entry.contentPtr(from), offset)
    let fragment = Entry.nextFragment(from)
    while (fragment != 0) {
      Chain.write(to, offset, Fragment.contentPtr(fragment), Fragment.bytes(fragment))
      offset += Fragment.bytes(fragment)
      fragment = Fragment.next(fragment)
    }
  }

  /** Gives all chunks of an entry back. */
  static give(shard: u32, entry: u32): void {
    if (Entry.has(entry, FLAG_CHAINED)) {
      let fragment = Entry.nextFragment(entry)
      while (fragment != 0) {
        const next = Fragment.next(fragment)
        Slab.give(shard, fragment)
        fragment = next
      }
    }
    Slab.give(shard, entry)
  }

  /** Marks every chunk behind the head: pending while it is built, a continuation once in the index. */
  static markFragments(entry: u32, type: u32): void {
    if (!Entry.has(entry, FLAG_CHAINED)) return
    let fragment = Entry.nextFragment(entry)
    while (fragment != 0) {
      Entry.markOther(fragment, type)
      fragment = Fragment.next(fragment)
    }
  }
}
