// What a configuration would do with a sample of the keys, in a cache that is smaller by the same share:
// adaptive.ts over again, rule by rule, with a miniature's nodes for entries (miniature simulation: Waldspurger
// et al., USENIX ATC 2017). Frequencies it takes from the shard's sketch, which knows all keys.
//
// Costs some 10 ns an access of the sample that hits, and 30 to 60 ns one that does not.

import { MINIATURE_NODES, Miniature, QUEUE_GHOST } from '../struct/miniature'
import { Thread } from '../struct/thread'
import { Configuration, RECENT, REPEATED } from './configuration'
import { KeyMix } from './key-mix'
import { Sketch } from './sketch'

const YOUNG: u32 = 1
const OLD: u32 = 2
const MAIN: u32 = 3
const MAX_COUNTER: u32 = 3
/** In one access. */
const MAX_MOVES: u32 = 128

export class MiniatureCache {
  /** Read-through: whether the key was there; if not, it is now. */
  static access(shard: u32, miniature: u32, configuration: u32, capacity: u32, hash: u32): bool {
    const node = Miniature.find(miniature, hash)
    const isRemembered = node != 0 && Miniature.queue(miniature, node) == QUEUE_GHOST
    if (node != 0 && !isRemembered) {
      MiniatureCache.hit(miniature, configuration, node)
      return true
    }
    if (isRemembered) Miniature.drop(miniature, node)
    MiniatureCache.makeRoom(shard, miniature, configuration, capacity)
    const isClaim = isRemembered && Configuration.usesGhost(configuration)
    const toMain =
      configuration == RECENT ||
      (isClaim && MiniatureCache.mayReturn(shard, miniature, configuration, hash))
    Miniature.add(miniature, hash, toMain ? MAIN : YOUNG)
    MiniatureCache.growOld(miniature, configuration, capacity)
    return false
  }

  /** The key was deleted or has expired. */
  static forget(miniature: u32, hash: u32): void {
    const node = Miniature.find(miniature, hash)
    if (node != 0) Miniature.drop(miniature, node)
  }

  /** Drops the keys that are not among one in 2^sampling. */
  static thin(miniature: u32, multiplier: u32, sampling: u32): void {
    for (let node: u32 = 1; node <= MINIATURE_NODES; node++) {
      if (Miniature.queue(miniature, node) == 0) continue
      const draw = Miniature.hash(miniature, node) * multiplier
      if (draw >>> (32 - sampling) != 0) Miniature.drop(miniature, node)
    }
  }

  private static hit(miniature: u32, configuration: u32, node: u32): void {
    const counter = min<u32>(Miniature.counter(miniature, node) + 1, MAX_COUNTER)
    const queue = Miniature.queue(miniature, node)
    if (configuration == RECENT && queue == MAIN) Miniature.move(miniature, node, MAIN)
    Miniature.setCounter(miniature, node, counter)
  }

  private static makeRoom(shard: u32, miniature: u32, configuration: u32, capacity: u32): void {
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      const residents = Miniature.residents(miniature)
      if (residents < capacity || residents == 0) return
      const target = Configuration.smallTarget(configuration, capacity)
      const small = Miniature.smallCount(miniature)
      if (small == 0 || (small < target && small < residents)) {
        MiniatureCache.evictFromMain(miniature, configuration)
      } else MiniatureCache.decide(shard, miniature, configuration, small > target)
    }
  }

  /** What becomes of the oldest of the small queue. */
  private static decide(shard: u32, miniature: u32, configuration: u32, isMainShort: bool): void {
    const node = Miniature.tail(miniature, Miniature.count(miniature, OLD) != 0 ? OLD : YOUNG)
    if (!Configuration.isByFrequency(configuration)) {
      const stays = configuration == RECENT || Miniature.counter(miniature, node) != 0
      if (stays) Miniature.move(miniature, node, MAIN)
      else MiniatureCache.remember(miniature, node)
      return
    }
    const rival = isMainShort ? 0 : MiniatureCache.mainVictim(miniature, configuration)
    const hash = Miniature.hash(miniature, node)
    if (rival == 0 || MiniatureCache.beats(shard, miniature, configuration, hash, rival)) {
      if (rival != 0) MiniatureCache.remember(miniature, rival)
      Miniature.move(miniature, node, MAIN)
    } else MiniatureCache.remember(miniature, node)
  }

  private static evictFromMain(miniature: u32, configuration: u32): void {
    const victim = MiniatureCache.mainVictim(miniature, configuration)
    if (configuration == REPEATED) Miniature.drop(miniature, victim)
    else MiniatureCache.remember(miniature, victim)
  }

  private static mainVictim(miniature: u32, configuration: u32): u32 {
    let node = Miniature.tail(miniature, MAIN)
    if (node == 0 || configuration == RECENT) return node
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      const counter = Miniature.counter(miniature, node)
      if (counter == 0) return node
      Miniature.move(miniature, node, MAIN)
      Miniature.setCounter(miniature, node, counter - 1)
      node = Miniature.tail(miniature, MAIN)
    }
    return node
  }

  private static mayReturn(shard: u32, miniature: u32, configuration: u32, hash: u32): bool {
    if (!Configuration.isByFrequency(configuration)) return true
    const rival = MiniatureCache.mainVictim(miniature, configuration)
    return rival == 0 || MiniatureCache.beats(shard, miniature, configuration, hash, rival)
  }

  private static beats(
    shard: u32,
    miniature: u32,
    configuration: u32,
    hash: u32,
    rival: u32,
  ): bool {
    const candidate = Sketch.estimate(shard, KeyMix.of(hash))
    const other = Sketch.estimate(shard, KeyMix.of(Miniature.hash(miniature, rival)))
    if (Configuration.isMoreFrequent(configuration, candidate, other)) return true
    return Thread.draws(Configuration.pardonOdds(configuration))
  }

  /** Into the ghost, out of which the oldest goes. */
  private static remember(miniature: u32, node: u32): void {
    Miniature.move(miniature, node, QUEUE_GHOST)
    const most = (Miniature.residents(miniature) * 9) / 10
    if (Miniature.count(miniature, QUEUE_GHOST) > most) {
      Miniature.drop(miniature, Miniature.tail(miniature, QUEUE_GHOST))
    }
  }

  private static growOld(miniature: u32, configuration: u32, capacity: u32): void {
    const small = Configuration.smallTarget(configuration, capacity)
    const target = Configuration.youngTarget(configuration, small)
    for (let moves: u32 = 0; moves < MAX_MOVES; moves++) {
      if (Miniature.count(miniature, YOUNG) <= target) return
      Miniature.move(miniature, Miniature.tail(miniature, YOUNG), OLD)
    }
  }
}
