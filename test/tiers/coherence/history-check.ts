/**
 * Judges what processes saw of each other's writes: how outdated was what each read answered?
 *
 * 1. All times are ms of one monotonic clock that the processes share.
 * 2. A write is over when it is effective: acknowledged, or, where it had failed, made good. Until then what had
 *    failed may still arrive, and replace whatever was written meanwhile.
 * 3. A write follows another where it began after the other was over. Those that overlap have no order, and either
 *    may be the last.
 * 4. A read that answers a version is outdated by the time that lies between its beginning and the moment at
 *    which the first write that follows that version was to be seen. Where there is none it is not outdated.
 * 5. A read that finds nothing is never outdated.
 *
 * Costs O(n log n) in the number of writes and reads.
 */

/** A set, or a delete after which the origin has this version. */
export interface Write {
  readonly process: number
  readonly key: number
  /** No other write has it. */
  readonly version: number
  readonly began: number
  readonly acknowledged: number
  /** From then on all others were to see it, but for the bound. */
  readonly effective: number
}

export interface Read {
  readonly process: number
  readonly key: number
  readonly version: number
  readonly began: number
  /** How it was asked for. */
  readonly how: string
}

export interface Outdated extends Read {
  readonly ageMs: number
  /** What should have been seen: the first of the writes that follow. */
  readonly missed: Write
}

/** What every key holds before the first write. */
export const FIRST_VERSION = 0

/** The reads that answered something outdated, the worst first. @throws for a version that nobody wrote */
export function findOutdated(writes: readonly Write[], reads: readonly Read[]): Outdated[] {
  const byKey = new Map<number, Write[]>()
  for (const write of writes) {
    const ofKey = byKey.get(write.key)
    if (ofKey === undefined) byKey.set(write.key, [write])
    else ofKey.push(write)
  }
  const byVersion = new Map(writes.map((write) => [write.version, write]))
  const lines = new Map([...byKey].map(([key, ofKey]) => [key, new Line(ofKey)]))
  const outdated: Outdated[] = []
  for (const read of reads) {
    const seen = byVersion.get(read.version)
    if (read.version !== FIRST_VERSION && seen?.key !== read.key) {
      throw new Error(`nobody wrote version ${read.version} of key ${read.key}`)
    }
    const missed = lines.get(read.key)?.firstAfter(seen?.effective ?? Number.NEGATIVE_INFINITY)
    if (missed === undefined || missed.effective >= read.began) continue
    outdated.push({ ...read, ageMs: read.began - missed.effective, missed })
  }
  return outdated.sort((one, other) => other.ageMs - one.ageMs)
}

/** The writes of one key. */
class Line {
  readonly #writes: readonly Write[]
  /** At each place: of the writes from there on the one that was to be seen first. */
  readonly #firstSeen: Write[]

  constructor(writes: readonly Write[]) {
    this.#writes = [...writes].sort((one, other) => one.began - other.began)
    this.#firstSeen = new Array(writes.length)
    let first: Write | undefined
    for (let place = writes.length - 1; place >= 0; place--) {
      const write = this.#writes[place]
      if (first === undefined || write.effective < first.effective) first = write
      this.#firstSeen[place] = first
    }
  }

  /** Of the writes that began after this moment, the one that was to be seen first. */
  firstAfter(moment: number): Write | undefined {
    let low = 0
    let high = this.#writes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#writes[middle].began > moment) high = middle
      else low = middle + 1
    }
    return this.#firstSeen[low]
  }
}
