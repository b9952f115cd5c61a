// The default policy: three FIFO queues, a ghost and a frequency sketch, under one of four sets of rules
// (configuration.ts), which a simulation of all four chooses for each shard as it goes (selector.ts).
//
//   insert -> YOUNG -> OLD -- proves its use --> MAIN <-+ hit since its last round (CLOCK), or where recency
//      \                 \                         |----+ is the rule, with every hit
//       \                 `-- else: out, and into   `-- else: out
//        \                    the ghost
//         `- in the ghost: MAIN
//
// What "proves its use" means, how large the small queue of YOUNG and OLD is, and in which order MAIN is kept,
// the configuration says. Entries stay in their queues when it changes; what is too many in the small queue
// then moves to MAIN or out, up to 32 with each eviction.
//
// A hit raises a 2-bit counter and the sketch; only where recency is the rule it moves its entry too, and that
// under the lock, when the access log is drained. Hits on YOUNG are forgotten, since a burst on a new key (a
// read, then a write of it) says little about later.
//
// Beside how often an entry is used counts what a hit of it is worth, and how long it has left (worth.ts).
//
// A new cache is all small queue: what has proved its use when the first eviction comes goes to MAIN.
//
// Replayed on real traces, 30 pairs of trace and size, hits are 1.6 points above Caffeine's on the mean
// (bench/results/hit-ratio.md).
//
// 1. An entry's queue is YOUNG, OLD or MAIN, and it is linked in that queue's list.
// 2. A queue's count is the length of its list, and the three add up to the shard's entries.
// 3. Neighbours in a list agree on being so.
// 4. Blocks and buckets lie within the pages that there are, and the pages within the directory.
// 5. The sweep is at most one past the last block that there can be.
// 6. The configuration is one that there is.
// 7. In a miniature, nodes in queues are those in chains.
// 8. Its queues' counts are their lengths, and neighbours agree on being so.
//
// A hit costs a cache line of the sketch; an insertion that, one of the ghost, and a move or two in the
// lists; an eviction at most 64 moves (0.2 to 1 on the mean). 6 bytes an entry beside the links. Without pages
// the queues work on alone.

import { Table } from '../store/table'
import { AdaptiveState, PAGE_BLOCKS, PAGE_BUCKETS } from '../struct/adaptive-state'
import { Control } from '../struct/control'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard } from '../struct/shard'
import { Thread } from '../struct/thread'
import { Stamps } from '../sync/stamps'
import { CONFIGURATIONS, Configuration, RECENT, REPEATED } from './configuration'
import { Ghost } from './ghost'
import { KeyMix } from './key-mix'
import { Selector } from './selector'
import { ENTRIES_PER_BLOCK, Sketch } from './sketch'
import { Worth } from './worth'

/** Numbers of the queues, and of their lists in the shard. */
const YOUNG: u32 = 1
const OLD: u32 = 2
const MAIN: u32 = 3

const MAX_COUNTER: u32 = 3
/** The counter with which an entry comes to MAIN, at most. */
const MAX_CREDIT: u32 = 2
/** Moves between lists in one eviction (of the small queue, and as many in MAIN), and in one insertion. */
const MAX_MOVES: u32 = 32

const ENTRIES_PER_PAGE: u32 = PAGE_BLOCKS * ENTRIES_PER_BLOCK
/** A shard that can have fewer pages than this (128 KiB) spares none for sketch and ghost. */
const MIN_SHARD_PAGES: u32 = 8

/** Policy state of an entry: queue | counter << 2 | further rounds in the small queue << 4 | cost << 6. */
const QUEUE_MASK: u32 = 3
const COUNTER_SHIFT: u32 = 2
const ROUNDS_SHIFT: u32 = 4
const STATE_COST_SHIFT: u32 = 6
const MAX_ROUNDS: u32 = 3

export class Adaptive {
  /** The lists are empty already, and any pages taken back. */
  static init(shard: u32): void {
    AdaptiveState.reset(shard)
    Selector.init(shard)
  }

  static insert(shard: u32, entry: u32): void {
    const hash = Entry.hash(entry)
    const mixed = KeyMix.of(hash)
    Selector.noteMiss(shard, hash)
    Sketch.record(shard, mixed)
    const entries = AdaptiveState.entries(shard) + 1
    Sketch.resize(shard, entries)
    Ghost.resize(shard, entries)
    const configuration = AdaptiveState.configuration(shard)
    const isClaim = Ghost.take(shard, mixed) && Configuration.usesGhost(configuration)
    const toMain =
      configuration == RECENT || (isClaim && Adaptive.mayReturn(shard, configuration, entry))
    Worth.averageCost(shard, Adaptive.cost(entry))
    Adaptive.push(shard, entry, toMain ? MAIN : YOUNG, 0)
    if (!toMain) Adaptive.growOld(shard, configuration, entries)
  }

  static prepareRestore(shard: u32): void {
    AdaptiveState.resetQueues(shard)
    Selector.repair(shard)
  }

  static restore(shard: u32, entry: u32): void {
    const queue = Adaptive.queue(entry)
    Adaptive.push(shard, entry, queue == 0 ? YOUNG : queue, Adaptive.counter(entry))
  }

  static access(shard: u32, entry: u32, hits: u32): void {
    Selector.noteHit(shard, Entry.hash(entry), hits)
    const queue = Adaptive.queue(entry)
    if (queue == MAIN && AdaptiveState.configuration(shard) == RECENT)
      Links.moveToBack(Shard.list(shard, MAIN), Entry.links(entry))
    if (Adaptive.isSettled(entry)) return
    Sketch.record(shard, KeyMix.of(Entry.hash(entry)))
    Adaptive.setState(entry, queue, Adaptive.counter(entry) + 1)
  }

  /** Why the sketch too: with the hits of what is settled already, hit ratios are no better (54.9% to 55.0). */
  static isSettled(entry: u32): bool {
    return Adaptive.counter(entry) == MAX_COUNTER
  }

  static remove(shard: u32, entry: u32): void {
    Adaptive.unlink(shard, entry)
  }

  /** The key was deleted, or has expired. */
  static forget(shard: u32, hash: u32): void {
    Selector.forget(shard, hash)
  }

  /**
   * Reads what victim(), the removal of what it names, and then insert() are going to need; what it returns means
   * nothing. Neighbours in the lists too: they are written to, and stores to memory wait one for the other.
   */
  static foresee(shard: u32, hash: u32): u32 {
    const small = Adaptive.smallTail(shard)
    const main = Adaptive.tail(shard, MAIN)
    const young = Adaptive.tail(shard, YOUNG)
    const mixed = KeyMix.of(hash)
    let seen = Sketch.foresee(shard, mixed) + Ghost.foresee(shard, mixed)
    seen += Stamps.read(Stamps.index(hash))
    if (young != 0) seen += Entry.foreseeRemoval(young)
    if (main != 0) seen += Entry.meta(main)
    if (small == 0) return seen
    const smallHash = Entry.hash(small)
    seen += Entry.foreseeRemoval(small) + Table.foresee(shard, smallHash)
    return seen + Stamps.read(Stamps.index(smallHash)) + Ghost.foresee(shard, KeyMix.of(smallHash))
  }

  /** Likewise for access(). */
  static foreseeAccess(shard: u32, hash: u32): u32 {
    return Sketch.foresee(shard, KeyMix.of(hash))
  }

  /** To be removed by the caller. What leaves without having proved its use is remembered. */
  static victim(shard: u32): u32 {
    const entries = AdaptiveState.entries(shard)
    AdaptiveState.setCapacity(shard, entries)
    const configuration = AdaptiveState.configuration(shard)
    const target = Configuration.smallTarget(configuration, entries)
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      const small = Adaptive.small(shard)
      // Why at the target already: the entry that is to come needs its place in the small queue.
      if (small == 0 || (small < target && small < entries)) break
      const victim = Adaptive.decide(shard, configuration, small > target)
      if (victim != 0) return victim
    }
    const victim = Adaptive.mainVictim(shard, configuration)
    if (victim == 0) return Adaptive.smallTail(shard)
    if (configuration != REPEATED) Ghost.put(shard, Adaptive.mix(victim))
    return victim
  }

  static wantsPage(shard: u32): bool {
    const pages = AdaptiveState.pageCount(shard)
    if (AdaptiveState.entries(shard) < pages * ENTRIES_PER_PAGE) return false
    if (pages == AdaptiveState.maxPages(shard)) return false
    return (
      pages > 0 || Shard.pages(shard) + Control.poolFreeCount() / Shard.count() >= MIN_SHARD_PAGES
    )
  }

  static addPage(shard: u32, page: u32): void {
    AdaptiveState.pushPage(shard, page)
  }

  /** A page that is no longer needed, 0 if there is none: the others would be half empty without it. */
  static sparePage(shard: u32): u32 {
    const pages = AdaptiveState.pageCount(shard)
    const entries = AdaptiveState.entries(shard)
    if (pages <= 1 || entries * 2 >= (pages - 1) * ENTRIES_PER_PAGE) return 0
    Sketch.resize(shard, entries)
    Ghost.resize(shard, entries)
    return AdaptiveState.popPage(shard)
  }

  /** 0, or the number of an invariant that does not hold. */
  static verify(shard: u32): u32 {
    for (let queue = YOUNG; queue <= MAIN; queue++) {
      const broken = Adaptive.verifyQueue(shard, queue)
      if (broken != 0) return broken
    }
    if (AdaptiveState.entries(shard) != Shard.entries(shard)) return 2
    const pages = AdaptiveState.pageCount(shard)
    if (pages > AdaptiveState.maxPages(shard)) return 4
    if (AdaptiveState.blockCount(shard) > pages * PAGE_BLOCKS) return 4
    if (AdaptiveState.bucketCount(shard) > pages * PAGE_BUCKETS) return 4
    if (AdaptiveState.sweepBlock(shard) > AdaptiveState.maxPages(shard) * PAGE_BLOCKS) return 5
    if (AdaptiveState.configuration(shard) >= CONFIGURATIONS) return 6
    const broken = Selector.verify(shard)
    return broken == 0 ? 0 : 6 + broken
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
  private static growOld(shard: u32, configuration: u32, entries: u32): void {
    const small = Configuration.smallTarget(configuration, entries)
    const target = Configuration.youngTarget(configuration, small)
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      if (AdaptiveState.queued(shard, YOUNG) <= target) return
      Adaptive.move(shard, Adaptive.tail(shard, YOUNG), OLD, 0)
    }
  }

  /** What becomes of the oldest of the small queue. Returns whom that costs its place; 0: nobody yet. */
  private static decide(shard: u32, configuration: u32, isMainShort: bool): u32 {
    const entry = Adaptive.smallTail(shard)
    let victim = entry
    if (Configuration.isByFrequency(configuration)) {
      const rival = isMainShort ? 0 : Adaptive.mainVictim(shard, configuration)
      if (rival == 0 || Adaptive.beats(shard, configuration, entry, rival)) victim = rival
    } else if (configuration == RECENT || Adaptive.counter(entry) != 0) victim = 0
    if (Worth.isSpent(shard, entry)) victim = entry
    const credit = Worth.credit(shard, entry, Adaptive.cost(entry))
    if (victim == entry && Adaptive.rounds(entry) < credit) {
      Adaptive.repeat(shard, entry)
      return 0
    }
    if (victim != 0) Ghost.put(shard, Adaptive.mix(victim))
    if (victim != entry) Adaptive.move(shard, entry, MAIN, min<u32>(credit, MAX_CREDIT))
    return victim
  }

  /** The least recently used of MAIN, or as CLOCK sees it; it stays where it is. 0: MAIN is empty. */
  private static mainVictim(shard: u32, configuration: u32): u32 {
    let entry = Adaptive.tail(shard, MAIN)
    if (entry == 0 || configuration == RECENT) return entry
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      const counter = Adaptive.counter(entry)
      if (counter == 0 || Worth.isSpent(shard, entry)) return entry
      Adaptive.move(shard, entry, MAIN, counter - 1)
      entry = Adaptive.tail(shard, MAIN)
    }
    return entry
  }

  private static mayReturn(shard: u32, configuration: u32, entry: u32): bool {
    if (!Configuration.isByFrequency(configuration)) return true
    const rival = Adaptive.mainVictim(shard, configuration)
    return rival == 0 || Adaptive.beats(shard, configuration, entry, rival)
  }

  private static beats(shard: u32, configuration: u32, entry: u32, rival: u32): bool {
    const candidate = Adaptive.weight(shard, entry)
    const other = Adaptive.weight(shard, rival)
    if (Configuration.isMoreFrequent(configuration, candidate, other)) return true
    return Thread.draws(Configuration.pardonOdds(configuration))
  }

  /** How often it is asked for, weighed by what a hit is worth. */
  private static weight(shard: u32, entry: u32): u32 {
    return (
      Sketch.estimate(shard, Adaptive.mix(entry)) << Worth.shift(shard, entry, Adaptive.cost(entry))
    )
  }

  private static small(shard: u32): u32 {
    return AdaptiveState.queued(shard, YOUNG) + AdaptiveState.queued(shard, OLD)
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

  /** Another round in the small queue. */
  private static repeat(shard: u32, entry: u32): void {
    const rounds = Adaptive.rounds(entry) + 1
    Adaptive.move(shard, entry, OLD, 0)
    Entry.setPolicyState(entry, Entry.policyState(entry) + (rounds << ROUNDS_SHIFT))
  }

  private static queue(entry: u32): u32 {
    return Entry.policyState(entry) & QUEUE_MASK
  }

  private static counter(entry: u32): u32 {
    return (Entry.policyState(entry) >>> COUNTER_SHIFT) & MAX_COUNTER
  }

  private static rounds(entry: u32): u32 {
    return (Entry.policyState(entry) >>> ROUNDS_SHIFT) & MAX_ROUNDS
  }

  private static cost(entry: u32): u32 {
    return Entry.policyState(entry) >>> STATE_COST_SHIFT
  }

  private static setState(entry: u32, queue: u32, counter: u32): void {
    const cost = Adaptive.cost(entry)
    Entry.setPolicyState(entry, queue | (counter << COUNTER_SHIFT) | (cost << STATE_COST_SHIFT))
  }

  private static mix(entry: u32): u64 {
    return KeyMix.of(Entry.hash(entry))
  }
}
