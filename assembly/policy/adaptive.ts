// The default policy: three FIFO queues, a ghost and a frequency sketch. It resists scans and loops, follows
// a drifting working set, and does no list work on a hit.
//
//   insert -> YOUNG -> OLD -- hit while old ------> MAIN <-+ hit since its last round
//      \                 \                            |----+
//       \                 `-- else: out, and into     `-- else: out
//        \                    the ghost
//         `- in the ghost, and passes the gate: MAIN
//
// YOUNG and OLD together are the small queue, in the long run a tenth of the entries: what proves useless
// goes from here, before it costs MAIN anything (S3-FIFO: Yang et al., SOSP 2023). Hits on YOUNG are
// forgotten, since a burst on a new key (a read, then a write of it) says little about later: the
// correlation window of 2Q (Johnson, Shasha, VLDB 1994) and Clock2Q+. MAIN is a CLOCK with 2-bit counters.
//
// A key that comes back from the ghost was evicted too soon and belongs in MAIN; but a loop larger than the
// cache brings every key back, and would churn MAIN. So it has to pass a gate: the sketch must rate it above
// MAIN's next victim (TinyLFU, see sketch.ts). Every 16th that does not pass is let in all the same, or else
// MAIN would hold on to what was popular once.
//
// A new cache is all small queue: MAIN gets what has proved its use, and until it has its share the gate is
// open. So what was written and never read leaves in the order it came, whatever the sizes of what comes
// after it. Only one in 128 goes to MAIN instead of out, without which a loop several times larger than the
// cache would never meet its ghost, nor ever be hit.
//
// Replayed on real traces, 30 pairs of trace and size: hit ratio 54.1% on the mean, where LRU has 44.1 and
// S3-FIFO 53.0, and below LRU on none. It is behind LRU where recency is all there is to know, as on a path
// walked to and fro.
//
// 1. An entry's queue is YOUNG, OLD or MAIN, and it is linked in that queue's list.
// 2. A queue's count is the length of its list, and the three add up to the shard's entries.
// 3. Neighbours in a list agree on being so.
// 4. Blocks and buckets lie within the pages that there are, and the pages within the directory.
// 5. The sweep is at most one past the last block that there can be.
//
// A hit costs a cache line of the sketch; an insertion that, one of the ghost, and a move or two in the
// lists; an eviction at most 32 moves (0.2 to 1 on the mean, 3 in loops). 4 bytes an entry beside the links.
// Without pages the queues work on alone.

import { Table } from '../store/table'
import { AdaptiveState, PAGE_BLOCKS, PAGE_BUCKETS } from '../struct/adaptive-state'
import { Control } from '../struct/control'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard } from '../struct/shard'
import { Ghost } from './ghost'
import { Sketch } from './sketch'

/** Numbers of the queues, and of their lists in the shard. */
const YOUNG: u32 = 1
const OLD: u32 = 2
const MAIN: u32 = 3

/** The small queue is one in SMALL_SHARE of the entries, YOUNG one in YOUNG_SHARE of that. */
const SMALL_SHARE: u32 = 10
const YOUNG_SHARE: u32 = 2
/** One in so many that the gate refused passes all the same. */
const PARDON_EVERY: u32 = 16
const MAX_COUNTER: u32 = 3
/** While MAIN is short of its share, one in so many goes there unused. */
const SEED_EVERY: u32 = 128
/** Moves between lists in one eviction, and in one insertion. */
const MAX_MOVES: u32 = 32

const ENTRIES_PER_PAGE: u32 = 4096
/** A shard that can have fewer pages than this (128 KiB) spares none for sketch and ghost. */
const MIN_SHARD_PAGES: u32 = 8

/** Policy state of an entry: queue | counter << 2. */
const QUEUE_MASK: u32 = 3
const COUNTER_SHIFT: u32 = 2

export class Adaptive {
  /** The lists are empty already, and any pages taken back. */
  static init(shard: u32): void {
    AdaptiveState.reset(shard)
  }

  static insert(shard: u32, entry: u32): void {
    const mixed = Adaptive.mix(entry)
    Sketch.record(shard, mixed)
    const entries = Adaptive.entries(shard) + 1
    Sketch.resize(shard, entries)
    Ghost.resize(shard, entries)
    const queue = Ghost.take(shard, mixed) && Adaptive.passesGate(shard, mixed) ? MAIN : YOUNG
    Adaptive.push(shard, entry, queue, 0)
    if (queue == YOUNG) Adaptive.growOld(shard, entries)
  }

  static restore(shard: u32, entry: u32): void {
    const queue = Adaptive.queue(entry)
    Adaptive.push(shard, entry, queue == 0 ? YOUNG : queue, Adaptive.counter(entry))
  }

  static access(shard: u32, entry: u32): void {
    if (Adaptive.isSettled(entry)) return
    Sketch.record(shard, Adaptive.mix(entry))
    Adaptive.setState(entry, Adaptive.queue(entry), Adaptive.counter(entry) + 1)
  }

  /** Why the sketch too: without the hits of what is settled already, hit ratios are no worse (54.16% to 54.09). */
  static isSettled(entry: u32): bool {
    return Adaptive.counter(entry) == MAX_COUNTER
  }

  static remove(shard: u32, entry: u32): void {
    Adaptive.unlink(shard, entry)
  }

  /** Reads what victim() and then insert() are going to need; what it returns means nothing. */
  static foresee(shard: u32, hash: u32): u32 {
    const small = Adaptive.smallTail(shard)
    const main = Adaptive.tail(shard, MAIN)
    const young = Adaptive.tail(shard, YOUNG)
    const mixed = Adaptive.mixHash(hash)
    let seen = Sketch.estimate(shard, mixed) + u32(Ghost.has(shard, mixed))
    if (young != 0) seen += Entry.meta(young)
    if (main != 0) seen += Entry.meta(main)
    return small != 0 ? seen + Entry.meta(small) + Table.foresee(shard, Entry.hash(small)) : seen
  }

  /** To be removed by the caller. What leaves the small queue this way is remembered. */
  static victim(shard: u32): u32 {
    for (let moves: u32 = 0; moves <= MAX_MOVES; moves++) {
      const fromSmall = Adaptive.takesFromSmall(shard)
      const entry = fromSmall ? Adaptive.smallTail(shard) : Adaptive.tail(shard, MAIN)
      if (entry == 0) return 0
      const counter = Adaptive.counter(entry)
      const stays = counter != 0 || (fromSmall && Adaptive.seedsMain(shard))
      if (!stays || moves == MAX_MOVES) {
        if (fromSmall) Ghost.put(shard, Adaptive.mix(entry))
        return entry
      }
      Adaptive.move(shard, entry, MAIN, fromSmall ? 0 : counter - 1)
    }
    return 0
  }

  static wantsPage(shard: u32): bool {
    const pages = AdaptiveState.pageCount(shard)
    if (Adaptive.entries(shard) < pages * ENTRIES_PER_PAGE) return false
    if (pages == AdaptiveState.maxPages(shard)) return false
    return (
      pages > 0 || Shard.pages(shard) + Control.poolFreeCount() / Shard.count() >= MIN_SHARD_PAGES
    )
  }

  static addPage(shard: u32, page: u32): void {
    AdaptiveState.pushPage(shard, page)
  }

  /** A page that is no longer needed (one is kept in hand), 0 if there is none. */
  static sparePage(shard: u32): u32 {
    const forBlocks = (AdaptiveState.blockCount(shard) + PAGE_BLOCKS - 1) / PAGE_BLOCKS
    const forBuckets = (AdaptiveState.bucketCount(shard) + PAGE_BUCKETS - 1) / PAGE_BUCKETS
    const needed = max<u32>(forBlocks, forBuckets)
    return AdaptiveState.pageCount(shard) > needed + 1 ? AdaptiveState.popPage(shard) : 0
  }

  /** 0, or the number of an invariant that does not hold. */
  static verify(shard: u32): u32 {
    for (let queue = YOUNG; queue <= MAIN; queue++) {
      const broken = Adaptive.verifyQueue(shard, queue)
      if (broken != 0) return broken
    }
    if (Adaptive.entries(shard) != Shard.entries(shard)) return 2
    const pages = AdaptiveState.pageCount(shard)
    if (pages > AdaptiveState.maxPages(shard)) return 4
    if (AdaptiveState.blockCount(shard) > pages * PAGE_BLOCKS) return 4
    if (AdaptiveState.bucketCount(shard) > pages * PAGE_BUCKETS) return 4
    if (AdaptiveState.sweepBlock(shard) > AdaptiveState.maxPages(shard) * PAGE_BLOCKS) return 5
    return 0
  }

  private static verifyQueue(shard: u32, queue: u32): u32 {
    const list = Shard.list(shard, queue)
    const count = AdaptiveState.queued(shard, queue)
    let pair = list
    for (let walked: u32 = 0; walked < count; walked++) {
      const next = Links.next(pair)
      if (next == list) return 2
      if (Links.prev(next) != pair) return 3
      if (Adaptive.queue(Entry.ofLinks(next)) != queue) return 1
      pair = next
    }
    if (Links.next(pair) != list) return 2
    return Links.prev(list) == pair ? 0 : 3
  }

  /** Hits while young are forgotten here. */
  private static growOld(shard: u32, entries: u32): void {
    const target = Adaptive.smallTarget(entries) / YOUNG_SHARE
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      if (AdaptiveState.queued(shard, YOUNG) <= target) return
      Adaptive.move(shard, Adaptive.tail(shard, YOUNG), OLD, 0)
    }
  }

  private static passesGate(shard: u32, mixed: u64): bool {
    if (Adaptive.isMainShort(shard)) return true
    const rival = Adaptive.tail(shard, MAIN)
    if (rival == 0) return true
    if (Sketch.estimate(shard, mixed) > Sketch.estimate(shard, Adaptive.mix(rival))) return true
    return AdaptiveState.countRefusal(shard) % PARDON_EVERY == 0
  }

  /** Whether an unused entry goes to MAIN instead of out. */
  private static seedsMain(shard: u32): bool {
    return Adaptive.isMainShort(shard) && AdaptiveState.countSeed(shard) % SEED_EVERY == 0
  }

  private static isMainShort(shard: u32): bool {
    return Adaptive.small(shard) > Adaptive.smallTarget(Adaptive.entries(shard))
  }

  /** Why at the target already: the entry that is to come needs its place in the small queue. */
  private static takesFromSmall(shard: u32): bool {
    if (AdaptiveState.queued(shard, MAIN) == 0) return true
    return Adaptive.small(shard) >= Adaptive.smallTarget(Adaptive.entries(shard))
  }

  private static smallTarget(entries: u32): u32 {
    return max<u32>(1, entries / SMALL_SHARE)
  }

  private static small(shard: u32): u32 {
    return AdaptiveState.queued(shard, YOUNG) + AdaptiveState.queued(shard, OLD)
  }

  private static entries(shard: u32): u32 {
    return Adaptive.small(shard) + AdaptiveState.queued(shard, MAIN)
  }

  private static smallTail(shard: u32): u32 {
    return Adaptive.tail(shard, AdaptiveState.queued(shard, OLD) != 0 ? OLD : YOUNG)
  }

  /** The entry that has been in a queue for longest; 0: it is empty. */
  private static tail(shard: u32, queue: u32): u32 {
    const list = Shard.list(shard, queue)
    return Links.isEmpty(list) ? 0 : Entry.ofLinks(Links.next(list))
  }

  private static move(shard: u32, entry: u32, queue: u32, counter: u32): void {
    Adaptive.unlink(shard, entry)
    Adaptive.push(shard, entry, queue, counter)
  }

  private static unlink(shard: u32, entry: u32): void {
    const queue = Adaptive.queue(entry)
    Links.unlink(Entry.links(entry))
    AdaptiveState.setQueued(shard, queue, AdaptiveState.queued(shard, queue) - 1)
  }

  private static push(shard: u32, entry: u32, queue: u32, counter: u32): void {
    Links.pushBack(Shard.list(shard, queue), Entry.links(entry))
    AdaptiveState.setQueued(shard, queue, AdaptiveState.queued(shard, queue) + 1)
    Adaptive.setState(entry, queue, counter)
  }

  private static queue(entry: u32): u32 {
    return Entry.policyState(entry) & QUEUE_MASK
  }

  private static counter(entry: u32): u32 {
    return Entry.policyState(entry) >>> COUNTER_SHIFT
  }

  private static setState(entry: u32, queue: u32, counter: u32): void {
    Entry.setPolicyState(entry, queue | (counter << COUNTER_SHIFT))
  }

  /**
   * 64 bits from an entry's hash, of which the low half picks block and bucket, the high half counters and
   * fingerprint. Why mixed: the hash's own bits have chosen the shard, and so are alike within it.
   */
  private static mix(entry: u32): u64 {
    return Adaptive.mixHash(Entry.hash(entry))
  }

  private static mixHash(hash: u32): u64 {
    let mixed = u64(hash) * 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8_feb8_6659_fd93
    return mixed ^ (mixed >> 32)
  }
}
