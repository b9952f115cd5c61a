/**
 * What a run counted, summed over groups of keys: all keys of a prefix, or one key.
 *
 * A group's reads and hits are those of its keys in the sample, and its hit ratio is the one over the other:
 * what a share of the keys makes of it. Its share of the reads is of all that so many keys should have.
 */
import { readsByKey } from '../caches/trial-cache.js'
import { errorOf } from '../estimate.js'
import type { CurveData, Trial } from '../job.js'
import { KEY_GROUPS, type Sample } from '../sample.js'
import { objectCost } from '../sizes.js'
import type { KeyBook } from './key-book.js'
import { NO_PREFIX } from './prefix-tree.js'

export interface Sums {
  reads: number
  hits: number
  /** In the unit of the curve, times the moments. */
  held: number
}

export interface GroupFigures {
  readShare: number
  readShareError: number
  heldShare: number
  hitRatio: number
  hitRatioError: number
}

export class KeySums {
  readonly reads: Uint32Array
  private readonly heldTotal: number

  constructor(
    private readonly data: CurveData,
    private readonly trial: Trial,
  ) {
    const { sample } = data
    this.reads = readsByKey(sample)
    let held = 0
    for (let key = 0; key < sample.keys; key++) held += this.heldBy(key)
    this.heldTotal = held
  }

  /** By the number of the prefix: of all keys that have it. */
  byPrefix(book: KeyBook): Map<number, Sums> {
    const { prefixes } = book
    const sums = new Map<number, Sums>()
    for (const [, number] of prefixes.entries()) sums.set(number, { reads: 0, hits: 0, held: 0 })
    for (let key = 0; key < this.data.sample.keys; key++) {
      const own = this.of(key)
      for (let at = book.prefixOf(key); at !== NO_PREFIX; at = prefixes.parentOf(at)) {
        addTo(sums.get(at) as Sums, own)
      }
    }
    return sums
  }

  of(key: number): Sums {
    return { reads: this.reads[key], hits: this.trial.hits[key], held: this.heldBy(key) }
  }

  /** Of the keys that have a 1. */
  figuresOf(members: Uint8Array): GroupFigures {
    const { sample } = this.data
    const sums = { reads: 0, hits: 0, held: 0 }
    for (let key = 0; key < sample.keys; key++) if (members[key] === 1) addTo(sums, this.of(key))
    const expected = sample.totals.reads * sample.rate
    const hitRatio = sums.hits / Math.max(1, sums.reads)
    return {
      readShare: Math.min(1, sums.reads / expected),
      readShareError: this.error(members, expected, (key) => this.reads[key]),
      heldShare: this.heldTotal === 0 ? 0 : sums.held / this.heldTotal,
      hitRatio,
      // Of a ratio: what each group of keys has more hits than it would have at that ratio.
      hitRatioError: this.error(members, sums.reads, (key) => {
        return this.trial.hits[key] - hitRatio * this.reads[key]
      }),
    }
  }

  /** Of one key, all of whose requests are in the sample. */
  figuresOfKey(key: number): GroupFigures {
    const { sample } = this.data
    const { reads, hits, held } = this.of(key)
    return {
      readShare: reads / sample.totals.reads,
      readShareError: 0,
      heldShare: this.heldTotal === 0 ? 0 : (held / this.heldTotal) * sample.rate,
      hitRatio: hits / reads,
      hitRatioError: 0,
    }
  }

  private error(members: Uint8Array, expected: number, countOf: (key: number) => number): number {
    const { keys, groups, rate } = this.data.sample
    if (rate === 1) return 0
    const sums = new Float64Array(KEY_GROUPS)
    for (let key = 0; key < keys; key++) if (members[key] === 1) sums[groups[key]] += countOf(key)
    return errorOf(sums, expected, rate)
  }

  private heldBy(key: number): number {
    return this.trial.timesHeld[key] * unitsOf(key, this.data.sample, this.data.unit)
  }
}

function unitsOf(key: number, sample: Sample, unit: CurveData['unit']): number {
  return unit === 'entries' ? 1 : objectCost(sample.lastBytes[key], sample.keyLengths[key])
}

function addTo(sums: Sums, { reads, hits, held }: Sums): void {
  sums.reads += reads
  sums.hits += hits
  sums.held += held
}
