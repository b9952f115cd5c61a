/**
 * What a repair must leave as it was: a shard whose owner died before it had changed anything goes on as
 * if nothing had happened, and what living threads are about to write into it stays theirs.
 *
 * Of the undisturbed shard there are two: the memory is copied, and in one of the copies a dead thread
 * holds the lock of each shard.
 */
import { describe, expect, it } from 'vitest'
import {
  CONTROL_PTR,
  CONTROL_SHARD_COUNT,
  CONTROL_SHARDS_PTR,
  REGISTRY_PTR,
  REGISTRY_SLOT_BYTES,
  SET_ALWAYS,
  SHARD_BYTES,
  STATUS_STORED,
} from '../../assembly/constants.js'
import { VALUE_LATIN1 } from '../../src/cache/value-type.js'
import { Engine } from '../../src/engine/engine.js'
import { type CacheHandle, type Policy, type SetOptions, SharedCache } from '../../src/index.js'
import { wordsOf } from '../support/engine-memory.js'
import { ManualClock } from '../support/manual-clock.js'
import { Random } from '../support/random.js'
import type { DeathScenario } from './support/death-scenario.js'
import { DeathStage, faults, LONGEST_MS, samplePoints } from './support/death-stage.js'

const POLICIES: readonly Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
const FAILED = 0x2000_0000
const DEAD_SLOT = 5
const KEYS = 3000
/** All chunks of one class: which class gets the next page is then no matter. */
const VALUE_CHARS = 40
/** What an entry takes more that has a lifetime. */
const EXPIRY_BYTES = 16

const keyOf = (index: number): string => `key:${String(index).padStart(6, '0')}`
const textOf = (index: number): string => {
  return String(index).padEnd(VALUE_CHARS + (isTimed(index) ? 0 : EXPIRY_BYTES), 'v')
}

/** A full cache with a past: some of its keys were read, some written again, some have lifetimes. */
function createCache(policy: Policy, clock: ManualClock): SharedCache<string> {
  const cache = new SharedCache<string>({
    maxBytes: '1mb',
    maxEntries: KEYS,
    policy,
    clock,
    shards: 2,
    codec: 'string',
    near: false,
  })
  const random = new Random(11)
  for (let step = 0; step < 4 * KEYS; step++) {
    clock.advance(1)
    const index = Math.min(random.below(2 * KEYS), random.below(2 * KEYS))
    if (random.chance(0.4)) cache.get(keyOf(index))
    else cache.set(keyOf(index), textOf(index), optionsOf(index))
  }
  return cache
}

function isTimed(index: number): boolean {
  return index % 3 !== 0
}

function optionsOf(index: number): SetOptions {
  const ttl = 1_000_000 + ((index * 7919) % 100_000)
  const options = { tags: [`tag ${index % 9}`], priority: index % 4 }
  return isTimed(index) ? { ...options, ttl } : options
}

function copyOf(handle: CacheHandle): CacheHandle {
  const { memory, module } = handle.engines[0] as { memory: WebAssembly.Memory; module: object }
  const pages = memory.buffer.byteLength / 65536
  const copy = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  new Uint8Array(copy.buffer).set(new Uint8Array(memory.buffer))
  return { ...handle, engines: [{ memory: copy, module }] }
}

/** As a thread leaves it that dies with the locks of all shards in hand, and nothing changed. */
function dieWithLocks(handle: CacheHandle): void {
  const words = wordsOf(handle)
  words[(REGISTRY_PTR + DEAD_SLOT * REGISTRY_SLOT_BYTES) >>> 2] = FAILED | 1
  const shards = words[(CONTROL_PTR + CONTROL_SHARDS_PTR) >>> 2]
  for (let shard = 0; shard < words[(CONTROL_PTR + CONTROL_SHARD_COUNT) >>> 2]; shard++) {
    words[(shards + shard * SHARD_BYTES) >>> 2] = DEAD_SLOT + 1
  }
}

class Twin {
  readonly cache: SharedCache<string>
  readonly removals: string[] = []

  constructor(handle: CacheHandle, clock: ManualClock) {
    this.cache = SharedCache.attach<string>(handle, {
      clock,
      onRemove: (key, reason) => this.removals.push(`${reason} ${key}`),
    })
  }

  get entries(): Map<string, object> {
    const all = [...this.cache.keys()].sort()
    return new Map(
      all.map((key) => [key, { value: this.cache.peek(key), ...this.cache.info(key) }]),
    )
  }

  get counts(): object {
    const { repairs: _repairs, perClass, perShard, ...counts } = this.cache.stats()
    return { ...counts, perClass, perShard }
  }

  /** More entries than there is room for, some of them read. */
  churn(random: Random): void {
    for (let step = 0; step < 2 * KEYS; step++) {
      const index = random.below(2 * KEYS)
      if (random.chance(0.3)) this.cache.get(keyOf(index))
      else this.cache.set(keyOf(index), textOf(index), optionsOf(index))
    }
  }
}

function createTwins(policy: Policy): { undisturbed: Twin; repaired: Twin } {
  const clock = new ManualClock()
  const { handle } = createCache(policy, clock)
  const [one, other] = [copyOf(handle), copyOf(handle)]
  dieWithLocks(other)
  const undisturbed = new Twin(one, clock)
  const repaired = new Twin(other, clock)
  expect(undisturbed.cache.stats().repairs).toBe(0)
  expect(repaired.cache.stats().repairs).toBe(2)
  return { undisturbed, repaired }
}

describe.each(POLICIES)('a shard that was not changed keeps (%s)', (policy) => {
  it('every entry with all that is known of it, and all its counts', () => {
    const { undisturbed, repaired } = createTwins(policy)
    expect(repaired.cache.verify().problems).toEqual([])
    expect(repaired.counts).toEqual(undisturbed.counts)
    expect(repaired.entries).toEqual(undisturbed.entries)
    expect(repaired.entries.size).toBe(KEYS)
  })

  it('the order in which its entries go', () => {
    const { undisturbed, repaired } = createTwins(policy)
    undisturbed.churn(new Random(3))
    repaired.churn(new Random(3))
    expect(
      undisturbed.removals.filter((removal) => removal.startsWith('evict')).length,
    ).toBeGreaterThan(1000)
    expect(repaired.removals).toEqual(undisturbed.removals)
    expect(repaired.cache.verify().problems).toEqual([])
  })
})

const LARGE_CHARS = 60_000
const ONE_SHARD: DeathScenario = {
  what: 'sets a value of several chunks again',
  options: { shards: 1 },
  keys: 30,
  bytesOf: (index) => (index === 7 ? 9000 : 100),
  act: (cache, { key, value }) => {
    cache.set(key(7), value(7, 1))
    cache.set(key(30), value(30, 1))
  },
  changes: ({ key, value }) =>
    new Map([
      [key(7), [value(7, 0), value(7, 1), undefined]],
      [key(30), [value(30, 1), undefined]],
    ]),
}

/** A large value on its way in, of a thread that lives. */
class Writer {
  readonly #engine: Engine
  readonly #key: string
  readonly #value = Buffer.from(
    Array.from({ length: LARGE_CHARS }, (_, at) => String.fromCharCode(33 + (at % 90))).join(''),
    'latin1',
  )

  constructor(handle: CacheHandle, clock: ManualClock, key: string) {
    const engine = Engine.attach(handle.engines[0] as Parameters<typeof Engine.attach>[0], {
      now: () => clock.now(),
      removed() {},
      failed: (error) => error as Error,
    })
    if (engine === undefined) throw new Error('There is no slot left for the writer')
    this.#engine = engine
    this.#key = key
  }

  get value(): string {
    return this.#value.toString('latin1')
  }

  reserve(): void {
    const { exports, key } = this.#engine
    key.write(this.#key)
    const { length } = this.#key
    expect(exports.reserve(length, key.wide, LARGE_CHARS, SET_ALWAYS, 0, 0)).toBe(STATUS_STORED)
  }

  fill(): void {
    this.#engine.large.write(this.#value)
  }

  commit(): void {
    const { exports, key } = this.#engine
    expect(exports.commit(this.#key.length, key.wide, VALUE_LATIN1, SET_ALWAYS, 0)).toBe(
      STATUS_STORED,
    )
  }

  leave(): void {
    this.#engine.release()
  }
}

describe('what a living thread has reserved', () => {
  it.each(POLICIES)(
    'is still its own when its shard has been repaired (%s)',
    {
      timeout: LONGEST_MS,
    },
    async (policy) => {
      const stage = new DeathStage(ONE_SHARD, policy)
      const { survivor } = stage
      await stage.prepare()
      const rehearsal = stage.attachVictim()
      const stores = await faults.count(() => stage.act(rehearsal))
      rehearsal.close()
      for (const point of samplePoints(stores, new Random(stores), 0.5)) {
        await stage.prepare()
        const writer = new Writer(survivor.handle, stage.clock, 'large')
        const victim = stage.attachVictim()
        writer.reserve()
        const fillsBefore = point % 2 === 0
        if (fillsBefore) writer.fill()
        await faults.killAt(point, () => stage.act(victim))
        stage.declareDead(2)
        stage.check()
        if (!fillsBefore) writer.fill()
        writer.commit()
        expect(survivor.get('large')).toBe(writer.value)
        expect(survivor.verify().problems).toEqual([])
        writer.leave()
        stage.checkNothingLost()
      }
    },
  )
})
