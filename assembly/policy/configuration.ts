// The configurations of policy `adaptive`: one physical layout (a small queue of YOUNG and OLD before MAIN,
// a ghost, a frequency sketch), four sets of rules. adaptive.ts follows them with entries, miniature-cache.ts
// with samples of keys; selector.ts chooses among them.
//
//                     small queue   into MAIN                                     MAIN
//   REPEATED          10%           used while OLD, or back from the ghost        CLOCK
//   RECENT            none          everything                                    least recently used
//   FREQUENT          1%            asked for more often than MAIN's victim by 2  CLOCK
//   FREQUENT_WIDE     20%           ... by 1, and likewise back from the ghost    CLOCK
//
// REPEATED is S3-FIFO (Yang et al., SOSP 2023) with the correlation window of 2Q and Clock2Q+: hits on the
// younger half of the small queue are forgotten. RECENT is plain LRU: nothing else does where recency is all
// there is to know. The other two are W-TinyLFU (Einziger, Friedman, Manes, ACM ToS 2017). That FREQUENT asks
// for 2 more lets it hold on to a part of a loop that is larger than the cache, instead of churning it.
//
// Why these four: of eighteen that were replayed on 11 real and 10 made-up traces, no four do better where the
// best is chosen for each; a fifth and a sixth add 0.05 points to the mean.

/** In which a cache begins: the best single one over all traces, but for loops. */
export const REPEATED: u32 = 0
export const RECENT: u32 = 1
export const FREQUENT: u32 = 2
export const FREQUENT_WIDE: u32 = 3
export const CONFIGURATIONS: u32 = 4

export class Configuration {
  /** How many of the entries the small queue is to have. */
  static smallTarget(configuration: u32, entries: u32): u32 {
    if (configuration == RECENT) return 0
    let target = entries / 100
    if (configuration == REPEATED) target = entries / 10
    else if (configuration == FREQUENT_WIDE) target = entries / 5
    return max<u32>(1, target)
  }

  /** How many of these are YOUNG. */
  static youngTarget(configuration: u32, smallTarget: u32): u32 {
    return configuration == REPEATED ? smallTarget >>> 1 : 0
  }

  static isByFrequency(configuration: u32): bool {
    return configuration >= FREQUENT
  }

  /** Whether a key that comes back from the ghost has a claim to MAIN. */
  static usesGhost(configuration: u32): bool {
    return configuration == REPEATED || configuration == FREQUENT_WIDE
  }

  /** Whether a candidate for MAIN is asked for often enough to take the place of MAIN's victim. */
  static isMoreFrequent(configuration: u32, candidate: u32, rival: u32): bool {
    return candidate > rival + u32(configuration == FREQUENT)
  }

  /**
   * One in so many that is not is let in all the same, at random: or else who knows how to make keys frequent
   * could pin the cache with them.
   */
  static pardonOdds(configuration: u32): u32 {
    return configuration == FREQUENT ? 1024 : 128
  }
}
