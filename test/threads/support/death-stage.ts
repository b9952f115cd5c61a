/**
 * Where threads are made to die: a cache with a survivor, victims on the build that can be stopped
 * before any store, and what has to hold once the survivor has come upon what they left.
 *
 * HOTSET_DEATH_POINTS: at how many stores of an action (default 16; 'all': at each of them).
 */
import { expect } from 'vitest'
import { REGISTRY_PTR, REGISTRY_SLOT_BYTES } from '../../../assembly/constants.js'
import { type CacheOptions, SharedCache } from '../../../src/index.js'
import { wordsOf } from '../../support/engine-memory.js'
import { FaultEngine } from '../../support/fault-engine.js'
import { ManualClock } from '../../support/manual-clock.js'
import type { Random } from '../../support/random.js'
import type { DeathScenario, Stage } from './death-scenario.js'

/** Of a test in its full form. */
export const LONGEST_MS = 3_600_000
const CI_POINTS = 16
const POINTS = pointsOf(process.env.HOTSET_DEATH_POINTS)
const MAX_THREADS = 128
const FAILED = 0x2000_0000
const RECOVERING = 0x4000_0000
/** Of a thread that there is not: kernel ids end far below. */
const NOBODY = 0x1fff_fff0
const SMALL_BYTES = 100
/** Keys looked at that nobody has written yet. */
const FURTHER_KEYS = 20

export const faults = new FaultEngine()

export class DeathStage implements Stage {
  readonly clock = new ManualClock()
  readonly survivor: SharedCache<string>
  readonly #scenario: DeathScenario

  constructor(scenario: DeathScenario, policy: CacheOptions['policy']) {
    this.#scenario = scenario
    this.survivor = new SharedCache<string>({
      maxBytes: '1536kb',
      policy,
      codec: 'string',
      clock: this.clock,
      shards: 2,
      maxEntryBytes: 200_000,
      lockTimeout: 1000,
      ...scenario.options,
    })
  }

  readonly key = (index: number): string => {
    const key = `key:${String(index).padStart(6, '0')}`
    return key.padEnd(this.#scenario.keyChars ?? key.length, this.#scenario.keyFiller ?? 'k')
  }

  readonly value = (index: number, generation: number): string => {
    const bytes = this.#scenario.bytesOf?.(index) ?? SMALL_BYTES
    const letter = String.fromCharCode(97 + ((index + generation) % 26))
    return `${index}/${generation}:`.padEnd(bytes, letter)
  }

  attachVictim(): SharedCache<string> {
    return faults.use(() => SharedCache.attach<string>(this.survivor.handle, { clock: this.clock }))
  }

  async prepare(): Promise<void> {
    const { survivor } = this
    survivor.clear()
    for (let index = 0; index < this.#scenario.keys; index++) {
      const ttl = this.#scenario.ttlOf?.(index)
      const tag = this.#scenario.tagOf?.(index)
      survivor.set(this.key(index), this.value(index, 0), {
        ...(ttl === undefined ? {} : { ttl }),
        ...(tag === undefined ? {} : { tags: [tag] }),
        priority: index % 5,
      })
    }
    await this.#scenario.before?.(survivor, this)
  }

  act(victim: SharedCache<string>): unknown {
    return this.#scenario.act(victim, this)
  }

  /** As the system would tell of it: the threads of all slots have ended but of those before this one. */
  declareDead(firstSlot = 1): void {
    this.#changeHolders(firstSlot, (holder) => holder | FAILED)
  }

  /** The same, where those who have died in recovering others have not even said that it went wrong. */
  declareVanished(): void {
    this.#changeHolders(1, (holder) => (holder & FAILED ? NOBODY | RECOVERING : holder | FAILED))
  }

  check(): void {
    const { survivor } = this
    expect(survivor.verify().problems).toEqual([])
    const changes = this.#scenario.changes?.(this) ?? new Map<string, (string | undefined)[]>()
    const wrong: object[] = []
    for (let index = 0; index < this.#scenario.keys + FURTHER_KEYS; index++) {
      const key = this.key(index)
      const before = index < this.#scenario.keys ? this.value(index, 0) : undefined
      const allowed = changes.get(key) ?? [before]
      const found = survivor.get(key)
      const isLost = found === undefined && this.#scenario.mayLose === true
      if (!isLost && !allowed.includes(found)) wrong.push({ index, found, allowed })
    }
    expect(wrong).toEqual([])
    this.#scenario.after?.(survivor, this)
    const newKey = this.#scenario.keys
    for (const index of [0, 7, newKey]) {
      expect(survivor.set(this.key(index), this.value(index, 2))).toBe(true)
      expect(survivor.get(this.key(index))).toBe(this.value(index, 2))
    }
    expect(survivor.verify().problems).toEqual([])
  }

  /** Everything that the dead left is taken back. */
  checkNothingLost(): void {
    const { survivor } = this
    survivor.maintain()
    survivor.clear()
    const { threads, size, perShard, payloadBytes } = survivor.stats()
    expect({ threads, size, payloadBytes }).toEqual({ threads: 1, size: 0, payloadBytes: 0 })
    expect(perShard.map(({ pages }) => pages)).toEqual(perShard.map(() => 1))
  }

  #changeHolders(firstSlot: number, change: (holder: number) => number): void {
    const words = wordsOf(this.survivor.handle)
    for (let slot = firstSlot; slot < MAX_THREADS; slot++) {
      const at = (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES) >>> 2
      const holder = Atomics.load(words, at)
      if (holder !== 0) Atomics.store(words, at, change(holder))
    }
  }
}

/** Some of the numbers from 1 to `count`, the first ones and the last ones among them. */
export function samplePoints(count: number, random: Random, share = 1): number[] {
  const wanted = Math.max(5, Math.ceil(POINTS * share))
  if (count <= wanted) return Array.from({ length: count }, (_, index) => index + 1)
  const points = new Set([1, 2, 3, count - 1, count])
  // Why some closer to the ends: what is between them is often one long loop.
  const distances = [() => random.below(count), () => random.logBetween(1, count) - 1]
  while (points.size < wanted) {
    const distance = random.pick(distances)()
    points.add(random.chance(0.5) ? 1 + distance : count - distance)
  }
  return [...points].sort((a, b) => a - b)
}

function pointsOf(text: string | undefined): number {
  if (text === undefined) return CI_POINTS
  return text === 'all' ? Number.POSITIVE_INFINITY : Number(text)
}
