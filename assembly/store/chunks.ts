// What can be said of an address before it is trusted: whether a chunk of the shard begins there, and whether
// the index knows the entry in it.

import { CLASS_COUNT, PAGE_BYTES, TYPE_CONTINUATION, TYPE_FREE, TYPE_PENDING } from '../constants'
import { pageTablePtr } from '../env'
import { Entry } from '../struct/entry'
import { ClassTable, Page } from '../struct/page'
import { Shard } from '../struct/shard'
import { Slab } from './slab'
import { Table } from './table'

export class Chunks {
  /** Whether a chunk that holds (or held) an entry or a fragment begins at `ptr`. */
  static isMovable(shard: u32, ptr: u32): bool {
    return Chunks.isOf(shard, ptr) && Slab.isMovable(Page.sizeClass(Page.ofChunk(ptr)))
  }

  /** Whether a chunk of the class begins at `ptr`. */
  static isOfClass(shard: u32, ptr: u32, sizeClass: u32): bool {
    return Chunks.isOf(shard, ptr) && Page.sizeClass(Page.ofChunk(ptr)) == sizeClass
  }

  /** Whether a directory of so many bytes lies where directories are. */
  static isDirectory(ptr: u32, bytes: u64): bool {
    return ptr >= Shard.at(Shard.count()) && (ptr & 3) == 0 && u64(ptr) + bytes <= u64(pageTablePtr)
  }

  static isEntryType(type: u32): bool {
    return type != TYPE_FREE && type != TYPE_PENDING && type != TYPE_CONTINUATION
  }

  /** Whether an entry that the shard's index refers to begins at `ptr`. */
  static isIndexed(shard: u32, ptr: u32): bool {
    return Chunks.isMovable(shard, ptr) && Table.findEntry(shard, Entry.hash(ptr), ptr) != 0
  }

  /** The bytes from `ptr` to the end of its chunk. */
  static bytesTo(chunk: u32, ptr: u32): i32 {
    return i32(chunk + ClassTable.chunkBytes(Page.sizeClass(Page.ofChunk(chunk)))) - i32(ptr)
  }

  private static isOf(shard: u32, ptr: u32): bool {
    if (!Table.isChunk(ptr)) return false
    const page = Page.ofChunk(ptr)
    if (!Page.isOwned(page, Shard.index(shard))) return false
    if (Page.sizeClass(page) >= CLASS_COUNT) return false
    const chunkBytes = ClassTable.chunkBytes(Page.sizeClass(page))
    const offset = ptr & (PAGE_BYTES - 1)
    return offset % chunkBytes == 0 && offset / chunkBytes < Page.carved(page)
  }
}
