// Lowest priority first (0 to 255), and of those the least recently used: one LRU list a priority.

import { Entry } from '../struct/entry'
import { POLICY_LISTS } from '../struct/shard'
import { Lists } from './lists'

export class Priority {
  static insert(shard: u32, entry: u32): void {
    Lists.pushBack(shard, Entry.priority(entry), entry)
  }

  static access(shard: u32, entry: u32): void {
    Lists.moveToBack(shard, Entry.priority(entry), entry)
  }

  static victim(shard: u32): u32 {
    const list = Lists.firstUsed(shard, 0)
    return list == POLICY_LISTS ? 0 : Lists.first(shard, list)
  }
}
