/**
 * Ways to do one thing, compared within one process: their batches take turns, and the order of a turn is
 * that of the last one reversed, so that whatever slows the machine for a while slows them alike.
 *
 * 1. What is timed makes no data: prepare() does, before each batch.
 * 2. A figure is the median over all turns; a ratio is the median of the ratios within a turn.
 */
import assert from 'node:assert/strict'
import { summarise } from '../harness/statistics.mjs'
import { performance, turn } from './measure.mjs'

const NS_PER_MS = 1e6
const MIN_TURNS = 5
/** Between turns of the event loop, which timers and background threads need. */
const TURNS_A_LOOP = 8

/**
 * @typedef {object} Way
 * @property {() => unknown} [prepare]
 * @property {() => unknown} batch its promise, if it answers one, is waited for
 *
 * @param {Record<string, Way>} ways
 * @param {{ operations: number, timeMs: number, clock?: { now(): number } }} options `operations` of a
 *   batch; `timeMs` for all ways together, beside half as long to warm up
 * @returns {Promise<Turns>}
 */
export async function takeTurns(ways, { operations, timeMs, clock = performance }) {
  await runTurns(ways, timeMs / 2, clock)
  return new Turns(await runTurns(ways, timeMs, clock), operations)
}

class Turns {
  #times
  #operations

  /** @param {Map<string, number[]>} times of each way, in ms, by turn */
  constructor(times, operations) {
    this.#times = times
    this.#operations = operations
  }

  nsPerOp(way) {
    return (summarise(this.#of(way)).median * NS_PER_MS) / this.#operations
  }

  /** How many times as long `way` takes as `other`. */
  ratio(way, other) {
    const others = this.#of(other)
    return summarise(this.#of(way).map((time, at) => time / others[at])).median
  }

  #of(way) {
    const times = this.#times.get(way)
    assert.ok(times !== undefined, `nothing is called ${way}`)
    return times
  }
}

async function runTurns(ways, timeMs, clock) {
  const names = Object.keys(ways)
  const times = new Map(names.map((name) => [name, []]))
  let spentMs = 0
  for (let turns = 0; spentMs < timeMs || turns < MIN_TURNS; turns++) {
    if (turns % TURNS_A_LOOP === 0) await turn()
    for (const name of names) {
      const { prepare, batch } = ways[name]
      await prepare?.()
      const began = clock.now()
      const pending = batch()
      // Why asked: to wait for what is no promise would cost a turn of the microtask queue.
      if (pending instanceof Promise) await pending
      const time = clock.now() - began
      times.get(name).push(time)
      spentMs += time
    }
    names.reverse()
  }
  return times
}
