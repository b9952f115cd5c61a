// Least recently used: one list, oldest first.

import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard } from '../struct/shard'

export class Lru {
  static insert(shard: u32, entry: u32): void {
    Links.pushBack(Shard.list(shard, 0), Entry.links(entry))
  }

  static access(shard: u32, entry: u32): void {
    Links.moveToBack(Shard.list(shard, 0), Entry.links(entry))
  }

  static remove(entry: u32): void {
    Links.unlink(Entry.links(entry))
  }

  static victim(shard: u32): u32 {
    const list = Shard.list(shard, 0)
    return Links.isEmpty(list) ? 0 : Entry.ofLinks(Links.next(list))
  }
}
