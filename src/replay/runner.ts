/**
 * Replays accesses through one cache, read-through: a miss makes the object and stores it.
 *
 * 1. An operation is the whole of it: the lookup, a look at what came back, and on a miss making
 *    the object and storing it. So the garbage collections that a cache causes count against it.
 * 2. Accesses are made between blocks: outside the timed region.
 * 3. Every hit's value is looked at, and one in TIMED_EVERY checked in full to be the key's.
 * 4. One operation in TIMED_EVERY is timed by itself; which ones is drawn, the same for every cache.
 *    None of them is one that is checked in full.
 * 5. Objects above `largestValueBytes` are never stored, by no cache: they are misses.
 * 6. Every miss of a read is a load from the origin, whether what it loads can be stored or not.
 *
 * Costs about 20 ns an operation beside the cache: two readings of the clock (35 ns each) and one
 * check in full in TIMED_EVERY, a look at the others. The same for every cache.
 */
import {
  type Accesses,
  type AccessSource,
  BLOCK_ACCESSES,
  DELETE,
  READ,
  UNKNOWN_SIZE,
} from './access.js'
import type { TraceClock } from './clock.js'
import { LatencyRecorder } from './latency.js'
import { Random } from './random.js'
import { emptyCounts, type RunFigures, type RunResult, summarize } from './run-counts.js'
import type { StopFlag } from './stop-flag.js'
import type { ReplayTarget } from './targets/target.js'
import { isValueOf, looksLikeValueOf, ValueMaker } from './values.js'

/** On average. Why drawn: what comes in steps of its own (runs, loops) is not to meet ours. */
export const TIMED_EVERY = 8
/** Between two that are timed, 1 to so many are not. */
export const LONGEST_STRETCH = 2 * TIMED_EVERY - 3
const TIMING_SEED = 1

export interface RunOptions {
  /** Moved to each access's time; absent where the caches go by the machine's clock. */
  clock?: TraceClock
  /** For objects whose lifetime the trace does not give; 0 for none. */
  defaultTtlMs: number
  /** For objects whose size the trace does not give. */
  defaultValueBytes: number
  /** Store objects of the trace's sizes; otherwise all are of the default size. */
  sizedValues: boolean
  largestValueBytes: number
  /** Replay no more than so many accesses. */
  limit: number
  /** @param accesses replayed so far */
  onBlock?: (accesses: number) => void
  /** Looked at before each block. */
  stop?: StopFlag
}

export async function replay(
  target: ReplayTarget,
  source: AccessSource,
  options: RunOptions,
): Promise<RunResult> {
  const run = new Run(target, options)
  let complete = true
  for await (const block of source.blocks()) {
    complete = options.stop?.isSet !== true
    if (!complete) break
    run.perform(block)
    run.record()
    options.onBlock?.(run.counts.accesses)
    if (run.counts.accesses >= options.limit) break
  }
  return { ...run.figures(), complete }
}

/** A replay through one cache, a block at a time: `perform` and `record` it. */
export class Run {
  readonly counts = emptyCounts()
  readonly latency = new LatencyRecorder()
  private readonly values = new ValueMaker()
  private readonly random = new Random(TIMING_SEED)
  private readonly timesMs: Float64Array
  private timedCount = 0
  private timedMs = 0
  /** How many operations come before the next one that is timed. */
  private untilTimed = 0
  private checksInFull = false

  /** @param capacity accesses that a block has at most */
  constructor(
    private readonly target: ReplayTarget,
    private readonly options: RunOptions,
    capacity = BLOCK_ACCESSES,
  ) {
    this.timesMs = new Float64Array(capacity)
  }

  /** The timed region. */
  perform(block: Accesses): void {
    const { counts } = this
    const count = Math.min(block.length, this.options.limit - counts.accesses)
    const startMs = performance.now()
    let nowMs = startMs
    for (let index = 0; index < count; index++) {
      const stretchEnd = Math.min(count, index + this.untilTimed)
      nowMs = this.performStretch(block, index, stretchEnd, nowMs)
      index = stretchEnd
      if (index < count) nowMs = this.performTimed(block, index, nowMs)
    }
    this.timedMs += nowMs - startMs
    counts.accesses += count
  }

  /** After the timed region. */
  record(): void {
    this.latency.record(this.timesMs, this.timedCount)
    this.timedCount = 0
  }

  figures(): RunFigures {
    return summarize(this.counts, this.timedMs, this.latency)
  }

  /** @returns the time when it was over */
  private performStretch(block: Accesses, start: number, end: number, beganMs: number): number {
    this.untilTimed -= end - start
    this.checksInFull = true
    for (let index = start; index < end; index++) {
      this.access(block, index)
      this.checksInFull = false
    }
    this.checksInFull = false
    const nowMs = performance.now()
    this.latency.recordStretch(nowMs - beganMs)
    return nowMs
  }

  /** @returns the time when it was over */
  private performTimed(block: Accesses, index: number, beganMs: number): number {
    this.access(block, index)
    const nowMs = performance.now()
    this.timesMs[this.timedCount++] = nowMs - beganMs
    this.untilTimed = 1 + (this.random.next() % LONGEST_STRETCH)
    return nowMs
  }

  private access(block: Accesses, index: number): void {
    const { clock, defaultValueBytes } = this.options
    if (clock !== undefined) clock.moveTo(block.timeMs[index])
    const operation = block.operations[index]
    const known = block.sizeBytes[index]
    const sizeBytes = known === UNKNOWN_SIZE ? defaultValueBytes : known
    if (operation === READ) this.read(block, index, sizeBytes)
    else if (operation === DELETE) this.remove(block.keys[index])
    else this.write(block, index, sizeBytes)
  }

  private read(block: Accesses, index: number, sizeBytes: number): void {
    const { counts } = this
    const key = block.keys[index]
    counts.reads++
    counts.readBytes += sizeBytes
    const value = this.target.get(key)
    if (value === undefined) {
      if (sizeBytes > this.options.largestValueBytes) counts.notCacheable++
      else this.store(block, index, sizeBytes)
      return
    }
    counts.hits++
    counts.hitBytes += sizeBytes
    const isRight = this.checksInFull ? isValueOf(key, value) : looksLikeValueOf(key, value)
    if (!isRight) counts.wrongValues++
  }

  private write(block: Accesses, index: number, sizeBytes: number): void {
    this.counts.writes++
    if (sizeBytes <= this.options.largestValueBytes) {
      this.store(block, index, sizeBytes)
    } else {
      // Why: what the cache has is out of date, though the new object cannot take its place.
      this.counts.notCacheable++
      this.target.delete(block.keys[index])
    }
  }

  private remove(key: string): void {
    this.counts.deletes++
    this.target.delete(key)
  }

  private store(block: Accesses, index: number, sizeBytes: number): void {
    const { sizedValues, defaultValueBytes, defaultTtlMs } = this.options
    const key = block.keys[index]
    const value = this.values.make(key, sizedValues ? sizeBytes : defaultValueBytes)
    const ttlMs = block.ttlMs[index]
    const stored = this.target.set(key, value, ttlMs === 0 ? defaultTtlMs : ttlMs)
    if (!stored) this.counts.refused++
  }
}
