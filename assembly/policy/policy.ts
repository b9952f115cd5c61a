// The policy in force, by kind. What the engine asks of any of them: to take in an entry, to hear of an
// access, to let one go, to name a victim, to follow an entry that moves.
//
// 1. Every entry of the index, and nothing else, is in the policy's structures.

import {
  POLICY_ADAPTIVE,
  POLICY_FIFO,
  POLICY_LFU,
  POLICY_LRU,
  POLICY_PRIORITY,
  POLICY_TTL,
} from '../constants'
import { policyKind } from '../env'
import { Table } from '../store/table'
import { AdaptiveState } from '../struct/adaptive-state'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard } from '../struct/shard'
import { Stamps } from '../sync/stamps'
import { Adaptive } from './adaptive'
import { Lfu } from './lfu'
import { Lists } from './lists'
import { Lru } from './lru'
import { Priority } from './priority'
import { Ttl } from './ttl'

export class Policy {
  static init(shard: u32): void {
    Lists.init(shard)
    memory.fill(Shard.policyScalars(shard), 0, 48)
    Shard.setHeapCount(shard, 0)
    Shard.setHeapPages(shard, 0)
    if (policyKind == POLICY_ADAPTIVE) Adaptive.init(shard)
  }

  static insert(shard: u32, entry: u32): void {
    if (policyKind == POLICY_ADAPTIVE) Adaptive.insert(shard, entry)
    else if (policyKind == POLICY_LFU) Lfu.insert(shard, entry)
    else if (policyKind == POLICY_TTL) Ttl.insert(shard, entry)
    else if (policyKind == POLICY_PRIORITY) Priority.insert(shard, entry)
    else Lru.insert(shard, entry)
  }

  /** A hit, or one that stands for several, in the order of the access log. */
  static access(shard: u32, entry: u32, hits: u32): void {
    Entry.countHits(entry, hits)
    Policy.touch(shard, entry, hits)
  }

  /** Whether a further hit would change nothing but the number of hits. May be asked without the lock. */
  @inline
  static isSettled(entry: u32): bool {
    return policyKind == POLICY_ADAPTIVE && Adaptive.isSettled(entry)
  }

  /** The entry was overwritten, and keeps its place but for recency. */
  static refresh(shard: u32, entry: u32): void {
    Policy.touch(shard, entry, 1)
  }

  /** Its key was deleted or has expired, so that the next access to it would be a miss whatever the policy. */
  static forget(shard: u32, hash: u32): void {
    if (policyKind == POLICY_ADAPTIVE) Adaptive.forget(shard, hash)
  }

  private static touch(shard: u32, entry: u32, hits: u32): void {
    if (policyKind == POLICY_ADAPTIVE) Adaptive.access(shard, entry, hits)
    else if (policyKind == POLICY_LRU) Lru.access(shard, entry)
    else if (policyKind == POLICY_LFU) Lfu.access(shard, entry)
    else if (policyKind == POLICY_TTL) Ttl.access(shard, entry)
    else if (policyKind == POLICY_PRIORITY) Priority.access(shard, entry)
  }

  static remove(shard: u32, entry: u32): void {
    if (policyKind == POLICY_ADAPTIVE) Adaptive.remove(shard, entry)
    else if (policyKind == POLICY_TTL) Ttl.remove(shard, entry)
    else Lru.remove(entry)
  }

  /** The next entry to go, still in place; 0: there is none. */
  static victim(shard: u32): u32 {
    if (policyKind == POLICY_ADAPTIVE) return Adaptive.victim(shard)
    if (policyKind == POLICY_LFU) return Lfu.victim(shard)
    if (policyKind == POLICY_TTL) return Ttl.victim(shard)
    if (policyKind == POLICY_PRIORITY) return Priority.victim(shard)
    return Lru.victim(shard)
  }

  /**
   * Reads what an eviction and an insertion are about to need, so that the misses overlap instead of
   * following each other; what it returns means nothing.
   */
  static foresee(shard: u32, hash: u32): u32 {
    if (policyKind == POLICY_ADAPTIVE) return Adaptive.foresee(shard, hash)
    const victim = policyKind <= POLICY_FIFO && policyKind != POLICY_LFU ? Lru.victim(shard) : 0
    if (victim == 0) return 0
    const victimHash = Entry.hash(victim)
    const seen = Stamps.read(Stamps.index(hash)) + Stamps.read(Stamps.index(victimHash))
    return seen + Entry.foreseeRemoval(victim) + Table.foresee(shard, victimHash)
  }

  /** Likewise for access(). */
  static foreseeAccess(shard: u32, hash: u32): u32 {
    return policyKind == POLICY_ADAPTIVE ? Adaptive.foreseeAccess(shard, hash) : 0
  }

  /** One entry takes the place of another of the same key, or with `reorder` finds its own. */
  static succeed(shard: u32, from: u32, to: u32, reorder: bool): void {
    if (reorder) {
      Policy.remove(shard, from)
      Policy.insert(shard, to)
      return
    }
    Entry.setPolicyState(to, Entry.policyState(from))
    Policy.relocate(shard, from, to)
  }

  /** The entry moved; its header was copied. */
  static relocate(shard: u32, from: u32, to: u32): void {
    if (policyKind == POLICY_TTL) Ttl.relocate(shard, from, to)
    else Links.replace(Entry.links(from), Entry.links(to))
  }

  /** Whether an entry's place depends on what an overwrite changes (expiry, priority). */
  static ordersByContent(): bool {
    return policyKind == POLICY_TTL || policyKind == POLICY_PRIORITY
  }

  /** Whether it depends on the expiry, which a new lifetime changes. */
  static ordersByExpiry(): bool {
    return policyKind == POLICY_TTL
  }

  /** Whether the policy needs a page of its own before the next insertion. */
  static wantsPage(shard: u32): bool {
    if (policyKind == POLICY_TTL) return Ttl.wantsPage(shard)
    if (policyKind == POLICY_ADAPTIVE) return Adaptive.wantsPage(shard)
    return false
  }

  static addPage(shard: u32, page: u32): void {
    if (policyKind == POLICY_TTL) Ttl.addPage(shard, page)
    else Adaptive.addPage(shard, page)
  }

  /** Whether a page of the shard is one of the policy's. */
  static holdsPage(shard: u32, page: u32): bool {
    if (policyKind == POLICY_TTL) return Ttl.holdsPage(shard, page)
    return policyKind == POLICY_ADAPTIVE && AdaptiveState.holdsPage(shard, page)
  }

  /** Whether an entry's place is in the heap. */
  static isInHeap(entry: u32): bool {
    return policyKind == POLICY_TTL && Ttl.isTimed(entry)
  }

  /** How many entries can be in the heap with the pages that it has. */
  static heapCapacity(shard: u32): u32 {
    return Ttl.capacity(shard)
  }

  /** Empties all lists; pages and what else is known beside the entries stay. */
  static prepareRestore(shard: u32): void {
    Lists.init(shard)
    Shard.setHeapCount(shard, 0)
    if (policyKind == POLICY_ADAPTIVE) Adaptive.prepareRestore(shard)
  }

  /** Takes an entry in where its own state says that it was, behind those already restored. */
  static restore(shard: u32, entry: u32): void {
    if (policyKind == POLICY_ADAPTIVE) Adaptive.restore(shard, entry)
    else if (policyKind == POLICY_LFU) Lfu.restore(shard, entry)
    else if (policyKind == POLICY_TTL) Ttl.insert(shard, entry)
    else if (policyKind == POLICY_PRIORITY) Priority.insert(shard, entry)
    else Lru.insert(shard, entry)
  }

  /** A page that the policy has no more need of, 0 if there is none. */
  static sparePage(shard: u32): u32 {
    if (policyKind == POLICY_TTL) return Ttl.sparePage(shard)
    return policyKind == POLICY_ADAPTIVE ? Adaptive.sparePage(shard) : 0
  }
}
