// The order of a policy's lists, carried over to lists that are made anew (repair.ts). The old lists may be
// broken at one place: they are followed from the front up to it, then from behind it to the end.
//
// While this works, the ends of the old lists stand in the thread's own scratch, and in its access log, whose
// records are lost.

import { Chunks } from '../store/chunks'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { POLICY_LISTS, Shard } from '../struct/shard'
import { AccessLog } from '../sync/access-log'
import { Policy } from './policy'

export class RestoreOrder {
  /** Notes the ends of the shard's lists; those may then be emptied. */
  static prepare(shard: u32): void {
    AccessLog.reset()
    for (let list: u32 = 0; list < POLICY_LISTS; list++) {
      const sentinel = Shard.list(shard, list)
      AccessLog.setScratch(list, Links.next(sentinel))
      AccessLog.setSpare(list, Links.prev(sentinel))
    }
  }

  /** Puts the marked entries of the old lists into the new ones, and takes their marks. */
  static follow(shard: u32): void {
    for (let list: u32 = 0; list < POLICY_LISTS; list++) {
      RestoreOrder.forward(shard, AccessLog.scratch(list))
      RestoreOrder.forward(shard, RestoreOrder.backward(shard, AccessLog.spare(list)))
    }
  }

  private static forward(shard: u32, pair: u32): void {
    const most = Shard.entries(shard)
    for (let count: u32 = 0; count < most && RestoreOrder.isMember(shard, pair); count++) {
      const next = Links.next(pair)
      const entry = Entry.ofLinks(pair)
      Entry.unmark(entry)
      Policy.restore(shard, entry)
      pair = next
    }
  }

  /** The foremost pair that can be reached from the last one. */
  private static backward(shard: u32, pair: u32): u32 {
    if (!RestoreOrder.isMember(shard, pair)) return 0
    const most = Shard.entries(shard)
    for (let count: u32 = 0; count < most; count++) {
      const prev = Links.prev(pair)
      if (!RestoreOrder.isMember(shard, prev)) break
      pair = prev
    }
    return pair
  }

  /** Whether the pair is that of an entry that has no place yet. */
  private static isMember(shard: u32, pair: u32): bool {
    const entry = Entry.ofLinks(pair)
    if (!Chunks.isMovable(shard, entry) || !Chunks.isEntryType(Entry.type(entry))) return false
    return Entry.isMarked(entry)
  }
}
