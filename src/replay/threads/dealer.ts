/**
 * Deals the accesses of a trace out to threads, as the requests of a server come to its workers: each
 * to whichever is free.
 *
 * 1. Of every N accesses in a row each of N threads gets one, in an order drawn anew (seeded): which
 *    thread gets a request says nothing about its key. Why not by key: each key would then live in
 *    one thread only, and that separate caches hold the same objects several times could not show.
 *    Why not in turn: a trace that repeats itself after a multiple of N accesses would be dealt by key.
 * 2. Each thread gets its accesses in the order of the trace. The same seed deals the same way.
 * 3. A round is bounded in accesses and in the characters of its keys, so memory is bounded whatever
 *    the trace; it is valid until the next one is asked for.
 */
import { AccessBlock, type AccessSource } from '../access.js'
import { Random } from '../random.js'

/**
 * Of all threads together: some 100 ms or more of work. Why not less: the threads wait for each other
 * at a round's end.
 */
export const ROUND_ACCESSES = 262_144
const ROUND_KEY_CHARACTERS = 32 * 1024 * 1024

export interface Round {
  /** One a thread. */
  shares: readonly AccessBlock[]
  /** Of the first access and of the last one. */
  firstMs: number
  lastMs: number
}

export class Dealer {
  private readonly shares: AccessBlock[]
  /** The threads, in the order in which they get the next accesses. */
  private readonly order: number[]
  private readonly random: Random
  private dealt = 0
  private keyCharacters = 0
  private firstMs = 0
  private lastMs = 0

  /** @param roundAccesses at least as many as there are threads */
  constructor(
    private readonly threads: number,
    seed: number,
    roundAccesses = ROUND_ACCESSES,
  ) {
    const capacity = Math.floor(roundAccesses / threads)
    this.shares = Array.from({ length: threads }, () => new AccessBlock(capacity))
    this.order = Array.from({ length: threads }, (_, thread) => thread)
    this.random = new Random(seed)
  }

  /** @param limit deal no more than so many accesses */
  async *rounds(source: AccessSource, limit: number): AsyncGenerator<Round> {
    for await (const block of source.blocks()) {
      const count = Math.min(block.length, limit - this.dealt)
      for (let index = 0; index < count; index++) {
        if (this.deal(block, index)) yield* this.endRound()
      }
      if (this.dealt >= limit) break
    }
    if (this.keyCharacters > 0) yield* this.endRound()
  }

  /** @returns whether the round is full */
  private deal(block: AccessBlock, index: number): boolean {
    const turn = this.dealt++ % this.threads
    if (turn === 0) this.shuffle()
    const share = this.shares[this.order[turn]]
    const key = block.keys[index]
    const timeMs = block.timeMs[index]
    if (this.keyCharacters === 0) this.firstMs = timeMs
    this.lastMs = timeMs
    // Why one more: a key may be empty, and a round with an access in it is not.
    this.keyCharacters += key.length + 1
    share.push(key, block.sizeBytes[index], timeMs, block.ttlMs[index], block.operations[index])
    // Why only when all had their turn: so the shares of a round are equal, and none overflows.
    const everyoneHas = turn === this.threads - 1
    return everyoneHas && (share.full || this.keyCharacters >= ROUND_KEY_CHARACTERS)
  }

  private *endRound(): Generator<Round> {
    yield { shares: this.shares, firstMs: this.firstMs, lastMs: this.lastMs }
    this.keyCharacters = 0
    for (const share of this.shares) share.length = 0
  }

  /** Every order is as likely (R. Fisher, F. Yates, 1938). */
  private shuffle(): void {
    const { order } = this
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor(this.random.nextFraction() * (last + 1))
      const thread = order[last]
      order[last] = order[other]
      order[other] = thread
    }
  }
}
