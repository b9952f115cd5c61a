// A further chunk of an entry that does not fit one. Under the shard's lock.
//
//    0  prev      u32   the fragment before, or the entry
//    4  meta      u32   TYPE_CONTINUATION where an entry has its type
//    8  next      u32   0: the last
//   12  bytes     u32   content bytes here
//   16  content
//
// 1. prev.next == this. 2. The bytes of all parts of a chain add up to key bytes + value bytes.

import { TYPE_CONTINUATION } from '../constants'
import { Entry } from './entry'

export const FRAGMENT_HEADER_BYTES: u32 = 16

export class Fragment {
  static init(ptr: u32, prev: u32, bytes: u32): void {
    store<u32>(ptr, prev)
    Entry.markOther(ptr, TYPE_CONTINUATION)
    store<u32>(ptr, 0, 8)
    store<u32>(ptr, bytes, 12)
  }

  static prev(ptr: u32): u32 {
    return load<u32>(ptr)
  }

  static setPrev(ptr: u32, prev: u32): void {
    store<u32>(ptr, prev)
  }

  static next(ptr: u32): u32 {
    return load<u32>(ptr, 8)
  }

  static setNext(ptr: u32, next: u32): void {
    store<u32>(ptr, next, 8)
  }

  static bytes(ptr: u32): u32 {
    return load<u32>(ptr, 12)
  }

  static contentPtr(ptr: u32): u32 {
    return ptr + FRAGMENT_HEADER_BYTES
  }
}
