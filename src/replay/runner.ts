/**
 * Replays accesses through one cache, read-through: a miss makes the object and stores it.
 *
 * 1. An operation is the whole of it: the lookup, the check of what came back, and on a miss making
 *    the object and storing it. So the garbage collections that a cache causes count against it.
 * 2. Accesses are made, and keys hashed, between blocks: outside the timed region.
 * 3. Every hit is checked to be the right value for its key.
 * 4. Objects above `largestValueBytes` are never stored, by no cache: they are misses.
 * 5. Every miss of a read is a load from the origin, whether what it loads can be stored or not.
 *
 * Costs one reading of the clock an operation (about 35 ns), the same for every cache.
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
import { LatencyRecorder, type LatencySummary } from './latency.js'
import type { ReplayTarget } from './targets/target.js'
import { hashKey, isValueOf, ValueMaker } from './values.js'

const MS_PER_SECOND = 1000

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
  onBlock?: () => void
}

export interface RunCounts {
  accesses: number
  reads: number
  hits: number
  /** By the sizes in the trace, whatever size is stored. */
  readBytes: number
  hitBytes: number
  writes: number
  deletes: number
  /** Accesses to objects too large to be stored. */
  notCacheable: number
  /** Objects that the cache did not take. */
  refused: number
  /** Hits with a value that is not the key's. Always 0 for a cache that is right. */
  wrongValues: number
}

export function emptyCounts(): RunCounts {
  return {
    accesses: 0,
    reads: 0,
    hits: 0,
    readBytes: 0,
    hitBytes: 0,
    writes: 0,
    deletes: 0,
    notCacheable: 0,
    refused: 0,
    wrongValues: 0,
  }
}

export interface RunResult extends RunCounts {
  hitRatio: number
  byteHitRatio: number
  /** From the origin: the misses of reads. */
  loads: number
  loadsPerThousandAccesses: number
  timedMs: number
  operationsPerSecond: number
  latency: LatencySummary
}

export async function replay(
  target: ReplayTarget,
  source: AccessSource,
  options: RunOptions,
): Promise<RunResult> {
  const run = new Run(target, options)
  for await (const block of source.blocks()) {
    run.replayBlock(block)
    options.onBlock?.()
    if (run.counts.accesses >= options.limit) break
  }
  return run.result()
}

/** @param timedMs what the accesses took */
export function summarize(counts: RunCounts, timedMs: number, latency: LatencyRecorder): RunResult {
  const loads = counts.reads - counts.hits
  return {
    ...counts,
    hitRatio: ratio(counts.hits, counts.reads),
    byteHitRatio: ratio(counts.hitBytes, counts.readBytes),
    loads,
    loadsPerThousandAccesses: ratio(loads * 1000, counts.accesses),
    timedMs,
    operationsPerSecond: ratio(counts.accesses * MS_PER_SECOND, timedMs),
    latency: latency.summary(),
  }
}

/** A replay through one cache, a block at a time: `prepare`, `perform` and `record` it. */
export class Run {
  readonly counts = emptyCounts()
  readonly latency = new LatencyRecorder()
  private readonly values = new ValueMaker()
  private readonly hashes: Uint32Array
  private readonly timesMs: Float64Array
  private timedMs = 0
  private performed = 0

  /** @param capacity accesses that a block has at most */
  constructor(
    private readonly target: ReplayTarget,
    private readonly options: RunOptions,
    capacity = BLOCK_ACCESSES,
  ) {
    this.hashes = new Uint32Array(capacity)
    this.timesMs = new Float64Array(capacity)
  }

  replayBlock(block: Accesses): void {
    this.prepare(block)
    this.perform(block)
    this.record()
  }

  /** Before the timed region. */
  prepare(block: Accesses): void {
    const { hashes } = this
    for (let index = 0; index < block.length; index++) hashes[index] = hashKey(block.keys[index])
  }

  /** The timed region. */
  perform(block: Accesses): void {
    const { timesMs, counts } = this
    const count = Math.min(block.length, this.options.limit - counts.accesses)
    const start = performance.now()
    let previous = start
    for (let index = 0; index < count; index++) {
      this.access(block, index)
      const now = performance.now()
      timesMs[index] = now - previous
      previous = now
    }
    this.timedMs += previous - start
    counts.accesses += count
    this.performed = count
  }

  /** After the timed region. */
  record(): void {
    this.latency.record(this.timesMs, this.performed)
    this.performed = 0
  }

  result(): RunResult {
    return summarize(this.counts, this.timedMs, this.latency)
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
    counts.reads++
    counts.readBytes += sizeBytes
    const value = this.target.get(block.keys[index])
    if (value === undefined) {
      if (sizeBytes > this.options.largestValueBytes) counts.notCacheable++
      else this.store(block, index, sizeBytes)
      return
    }
    counts.hits++
    counts.hitBytes += sizeBytes
    if (!isValueOf(this.hashes[index], value)) counts.wrongValues++
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
    const value = this.values.make(this.hashes[index], sizedValues ? sizeBytes : defaultValueBytes)
    const ttlMs = block.ttlMs[index]
    const stored = this.target.set(block.keys[index], value, ttlMs === 0 ? defaultTtlMs : ttlMs)
    if (!stored) this.counts.refused++
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
