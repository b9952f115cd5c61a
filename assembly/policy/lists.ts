// The policy lists of a shard as an array of LRU lists, with a bitmap of those that may have entries.
//
// 1. A list that is not empty has its bit set (the reverse need not hold).

import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { POLICY_LISTS, Shard } from '../struct/shard'

export class Lists {
  static init(shard: u32): void {
    for (let list: u32 = 0; list < POLICY_LISTS; list++) Links.init(Shard.list(shard, list))
    for (let word: u32 = 0; word < POLICY_LISTS / 64; word++) Shard.setListBits(shard, word, 0)
  }

  static pushBack(shard: u32, list: u32, entry: u32): void {
    Links.pushBack(Shard.list(shard, list), Entry.links(entry))
    const word = list >>> 6
    Shard.setListBits(shard, word, Shard.listBits(shard, word) | (u64(1) << u64(list & 63)))
  }

  static moveToBack(shard: u32, list: u32, entry: u32): void {
    Links.unlink(Entry.links(entry))
    Lists.pushBack(shard, list, entry)
  }

  static first(shard: u32, list: u32): u32 {
    const sentinel = Shard.list(shard, list)
    return Links.isEmpty(sentinel) ? 0 : Entry.ofLinks(Links.next(sentinel))
  }

  /** The first list from `start` on, circularly, that has entries; POLICY_LISTS if none has. */
  static firstUsed(shard: u32, start: u32): u32 {
    for (let step: u32 = 0; step <= POLICY_LISTS / 64; step++) {
      const word = ((start >>> 6) + step) & (POLICY_LISTS / 64 - 1)
      let bits = Shard.listBits(shard, word)
      if (step == 0) bits &= ~u64(0) << u64(start & 63)
      while (bits != 0) {
        const list = (word << 6) + u32(ctz(bits))
        if (!Links.isEmpty(Shard.list(shard, list))) return list
        bits &= bits - 1
        Shard.setListBits(shard, word, Shard.listBits(shard, word) & ~(u64(1) << u64(list & 63)))
      }
    }
    return POLICY_LISTS
  }
}
