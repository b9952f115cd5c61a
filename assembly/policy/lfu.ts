// Least frequently used with dynamic aging (LFU-DA; Arlitt et al., 1999): an entry's key is its frequency
// (hits + 1, at most 255) plus the age at its last access; the age is the key of the last victim. The
// smallest key goes first, and of those the least recently accessed. So an entry that was hot long ago
// does not stay for ever.
//
// Keys lie within 256 of the age, so they are kept modulo 512: one list a key, in the policy state.
// Costs O(1): moving between lists, and a bitmap to find the smallest.

import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { POLICY_LISTS, Shard } from '../struct/shard'
import { Lists } from './lists'

const MAX_FREQUENCY: u32 = 255

export class Lfu {
  static insert(shard: u32, entry: u32): void {
    const list = Lfu.listOf(shard, entry)
    Entry.setPolicyState(entry, list)
    Lists.pushBack(shard, list, entry)
  }

  static restore(shard: u32, entry: u32): void {
    // Why: one that no list has taken in yet has no state, or that of a list which it has left.
    if (!Links.isLinked(Entry.links(entry))) Lfu.insert(shard, entry)
    else Lists.pushBack(shard, Entry.policyState(entry) & (POLICY_LISTS - 1), entry)
  }

  static access(shard: u32, entry: u32): void {
    Links.unlink(Entry.links(entry))
    Lfu.insert(shard, entry)
  }

  static victim(shard: u32): u32 {
    const list = Lists.firstUsed(shard, Lfu.age(shard))
    if (list == POLICY_LISTS) return 0
    store<u32>(Shard.policyScalars(shard), list)
    return Lists.first(shard, list)
  }

  /** The age, modulo the number of lists. */
  static age(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard))
  }

  private static listOf(shard: u32, entry: u32): u32 {
    const frequency = min<u32>(Entry.hits(entry) + 1, MAX_FREQUENCY)
    return (Lfu.age(shard) + frequency) & (POLICY_LISTS - 1)
  }
}
