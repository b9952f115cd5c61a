/**
 * What policy `adaptive` tells of a shard: how its configurations do in miniature, and when they changed.
 * As Selector.report() (assembly/policy/selector.ts) lays it out at the value staging.
 */
import type { Engine } from './engine.js'
import { VALUE_START } from './engine.js'

const CONFIGURATIONS = 4
const FIGURES = 16
const FIGURES_BYTES = 8
const HISTORY = 64
const HISTORY_LENGTH = 8
const CHANGE_BYTES = 16

export interface SimulatedFigures {
  /** Of late, in the sample. */
  accesses: number
  hits: number
}

export interface ConfigurationChange {
  /** Milliseconds since the cache began. */
  atMs: number
  /** Its number. */
  configuration: number
  /** In the shard then. */
  entries: number
}

export interface ShardSelection {
  /** The number of the one in force. */
  configuration: number
  /** One key in so many is simulated. */
  sampledOneIn: number
  /** Ever. */
  changes: number
  /** Samples that were given up, ever, because they were unlike the shard. */
  unlikeSamples: number
  /** By the configurations' numbers. */
  candidates: SimulatedFigures[]
  /** Of the one in force with half as many entries, and with twice as many. */
  half: SimulatedFigures
  twice: SimulatedFigures
  /** The last eight, oldest first. */
  history: ConfigurationChange[]
}

/** @returns undefined: the shard has another policy, or is too small to choose */
export function selectionOf(engine: Engine, shard: number): ShardSelection | undefined {
  if (engine.exports.selection(shard) === 0) return undefined
  const { staging } = engine
  const word = (offset: number): number => staging.readUInt32LE(VALUE_START + offset)
  const figures = (index: number): SimulatedFigures => ({
    accesses: word(FIGURES + index * FIGURES_BYTES),
    hits: word(FIGURES + index * FIGURES_BYTES + 4),
  })
  const changeAt = (index: number): ConfigurationChange => {
    const at = HISTORY + (index % HISTORY_LENGTH) * CHANGE_BYTES
    const atMs = staging.readDoubleLE(VALUE_START + at)
    return { atMs, configuration: word(at + 8), entries: word(at + 12) }
  }
  const changes = word(8)
  const told = Math.min(changes, HISTORY_LENGTH)
  return {
    configuration: word(0),
    sampledOneIn: 2 ** word(4),
    changes,
    unlikeSamples: word(12),
    candidates: Array.from({ length: CONFIGURATIONS }, (_, index) => figures(index)),
    half: figures(CONFIGURATIONS),
    twice: figures(CONFIGURATIONS + 1),
    history: Array.from({ length: told }, (_, index) => changeAt(changes - told + index)),
  }
}
