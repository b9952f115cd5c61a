/**
 * A thread that dies before a store to memory, whichever: the engine is built so that it can be stopped
 * there, as worker.terminate() would. Another thread, here a second attachment, then finds its locks
 * held by a dead one, and has to be left with a sound cache.
 */
import { expect, it } from 'vitest'
import { REGISTRY_PTR, REGISTRY_SLOT_BYTES } from '../../assembly/constants.js'
import { type CacheHandle, type CacheOptions, SharedCache } from '../../src/index.js'
import { FaultEngine } from '../support/fault-engine.js'
import { ManualClock } from '../support/manual-clock.js'
import { Random } from '../support/random.js'
import { DEATH_SCENARIOS, type DeathScenario, type Stage } from './death-scenarios.js'

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority'] as const
const POINTS = Number(process.env.HOTSET_DEATH_POINTS ?? 24)
const FAILED = 0x2000_0000
const SMALL_BYTES = 100
const faults = new FaultEngine()

class DeathStage implements Stage {
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
      maxEntryBytes: 100_000,
      lockTimeout: 1000,
      ...scenario.options,
    })
  }

  readonly key = (index: number): string => {
    return `key:${String(index).padStart(6, '0')}`
  }

  readonly value = (index: number, generation: number): string => {
    const bytes = this.#scenario.bytesOf?.(index) ?? SMALL_BYTES
    return `${index}/${generation}:`.padEnd(
      bytes,
      String.fromCharCode(97 + ((index + generation) % 26)),
    )
  }

  attachVictim(): SharedCache<string> {
    return faults.use(() => SharedCache.attach<string>(this.survivor.handle, { clock: this.clock }))
  }

  prepare(): void {
    this.survivor.clear()
    for (let index = 0; index < this.#scenario.keys; index++) {
      const ttl = this.#scenario.ttlOf?.(index)
      const tag = this.#scenario.tagOf?.(index)
      this.survivor.set(this.key(index), this.value(index, 0), {
        ...(ttl === undefined ? {} : { ttl }),
        ...(tag === undefined ? {} : { tags: [tag] }),
        priority: index % 5,
      })
    }
  }

  act(victim: SharedCache<string>): void {
    this.#scenario.act(victim, this)
  }

  /** As the system would tell of it. */
  declareDead(handle: CacheHandle, firstSlot: number): void {
    const { memory } = handle.engines[0] as { memory: { buffer: SharedArrayBuffer } }
    const words = new Int32Array(memory.buffer)
    for (let slot = firstSlot; slot < 128; slot++) {
      const at = (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES) >>> 2
      if (Atomics.load(words, at) !== 0) Atomics.or(words, at, FAILED)
    }
  }

  check(): void {
    const { survivor } = this
    expect(survivor.verify().problems).toEqual([])
    const changes = this.#scenario.changes?.(this) ?? new Map<string, (string | undefined)[]>()
    for (let index = 0; index < this.#scenario.keys + 20; index++) {
      const key = this.key(index)
      const before = index < this.#scenario.keys ? this.value(index, 0) : undefined
      const allowed = [...(changes.get(key) ?? [before])]
      if (this.#scenario.mayLose) allowed.push(undefined)
      expect(allowed, key).toContain(survivor.get(key))
    }
    for (const index of [0, 7, this.#scenario.keys]) {
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
}

/** Some of the numbers from 1 to `count`, the first ones and the last ones among them. */
function sample(count: number, random: Random): number[] {
  if (count <= POINTS) return Array.from({ length: count }, (_, index) => index + 1)
  const points = new Set([1, 2, 3, count - 1, count])
  while (points.size < POINTS) points.add(1 + random.below(count))
  return [...points].sort((a, b) => a - b)
}

it.each(DEATH_SCENARIOS.flatMap((scenario) => POLICIES.map((policy) => ({ ...scenario, policy }))))(
  'a thread that dies as it $what leaves a sound cache to others ($policy)',
  (scenario) => {
    const stage = new DeathStage(scenario, scenario.policy)
    stage.prepare()
    const first = stage.attachVictim()
    const steps = faults.count(() => stage.act(first))
    first.close()
    for (const point of sample(steps, new Random(steps))) {
      stage.prepare()
      const victim = stage.attachVictim()
      faults.killAt(point, () => stage.act(victim))
      stage.declareDead(stage.survivor.handle, 1)
      stage.check()
      stage.checkNothingLost()
    }
  },
)
