/**
 * What single calls of the engine do to memory: loads, stores, instructions, and the cache lines that they
 * touch, by what the lines belong to. Counted, not timed, so the same on every machine.
 *
 * A line is cold in a call that touches it when it was not among the last RECENT_LINES different lines
 * before: a processor whose first cache holds RECENT_LINES lines (32 KiB) would have to fetch it.
 *
 * 1. Only what happens within call() is counted.
 * 2. Lines are counted once a call, where they were touched first; loads and stores each time.
 */
import { summarise } from '../harness/statistics.mjs'
import { ENTRY, REGIONS, regionsOf } from './regions.mjs'

const LINE_SHIFT = 6
const RECENT_LINES = 512
/** Lines of the entry that a call is about, apart from its neighbours and victims. */
const OWN_ENTRY = 'own entry'

export class Footprint {
  #regionOf
  #recent = new RecentLines(RECENT_LINES)
  #lines = new Map()
  #isOn = false
  #calls = 0
  #instructions = 0
  #byRegion = new Map()
  /** A number a call. */
  #instructionsOfCalls = []
  #coldLinesOfCalls = []

  /** @param {import('./bank.mjs').Bank} bank */
  constructor(bank) {
    this.#regionOf = regionsOf(bank)
    for (const region of [OWN_ENTRY, ...Object.keys(REGIONS)]) {
      this.#byRegion.set(region, { loads: 0, stores: 0, lines: 0, coldLines: 0 })
    }
  }

  /** What the engine that counts imports (instrument.mjs). */
  get imports() {
    return {
      trace: {
        touch: (address, offset, bytes, isStore) => {
          if (this.#isOn) this.#touch((address >>> 0) + offset, bytes >>> 0, isStore === 1)
          return address
        },
        count: (instructions) => {
          if (this.#isOn) this.#instructions += instructions
        },
      },
    }
  }

  /**
   * @param {() => void} action one call of the engine
   * @param {() => number} locate where the entry is that it is about, 0 if nowhere: asked before and after
   * @param {number} ownBytes how long that entry is
   */
  call(action, locate, ownBytes) {
    const before = locate()
    this.warm(action)
    const own = [before, locate()].filter((ptr) => ptr !== 0)
    this.#take(own.map((ptr) => [ptr >>> LINE_SHIFT, (ptr + ownBytes - 1) >>> LINE_SHIFT]))
  }

  /** As call(), but counts nothing: it only makes lines recent. */
  warm(action) {
    this.#lines.clear()
    this.#instructions = 0
    this.#isOn = true
    try {
      action()
    } finally {
      this.#isOn = false
    }
  }

  /** Of the mean call, and of the usual one (the median), by region and in all. */
  report() {
    const mean = (count) => count / this.#calls
    const regions = Object.fromEntries(
      [...this.#byRegion].map(([region, counts]) => [
        region,
        Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, mean(count)])),
      ]),
    )
    const total = (key) => Object.values(regions).reduce((sum, counts) => sum + counts[key], 0)
    return {
      instructions: mean(this.#instructionsOfCalls.reduce((sum, count) => sum + count, 0)),
      usualInstructions: summarise(this.#instructionsOfCalls).median,
      loads: total('loads'),
      stores: total('stores'),
      lines: total('lines'),
      coldLines: total('coldLines'),
      usualColdLines: summarise(this.#coldLinesOfCalls).median,
      regions,
    }
  }

  #touch(address, bytes, isStore) {
    const last = (address + Math.max(bytes, 1) - 1) >>> LINE_SHIFT
    for (let line = address >>> LINE_SHIFT; line <= last; line++) {
      const isCold = this.#recent.touch(line)
      const counts = this.#lines.get(line)
      if (counts === undefined) this.#lines.set(line, { isCold, loads: 0, stores: 0 })
    }
    // Why of its first line only: it is one instruction, wherever it reaches.
    const counts = this.#lines.get(address >>> LINE_SHIFT)
    if (isStore) counts.stores++
    else counts.loads++
  }

  /** @param {[first: number, last: number][]} own lines */
  #take(own) {
    let coldLines = 0
    for (const [line, { isCold, loads, stores }] of this.#lines) {
      const isOwn = own.some(([first, last]) => line >= first && line <= last)
      const region = isOwn ? OWN_ENTRY : this.#regionOf(line * (1 << LINE_SHIFT))
      const counts = this.#byRegion.get(region)
      counts.loads += loads
      counts.stores += stores
      counts.lines++
      if (isCold) counts.coldLines++
      if (isCold) coldLines++
    }
    this.#calls++
    this.#instructionsOfCalls.push(this.#instructions)
    this.#coldLinesOfCalls.push(coldLines)
  }
}

/** All regions that a report can name, with their titles. */
export const REGION_TITLES = { [OWN_ENTRY]: OWN_ENTRY, ...REGIONS, [ENTRY]: 'other entries' }

/** The last different lines, in the order of their last touch. */
class RecentLines {
  #limit
  #lines = new Set()

  constructor(limit) {
    this.#limit = limit
  }

  /** Whether the line was not among them. */
  touch(line) {
    const isNew = !this.#lines.delete(line)
    this.#lines.add(line)
    if (this.#lines.size > this.#limit) this.#lines.delete(this.#lines.values().next().value)
    return isNew
  }
}
