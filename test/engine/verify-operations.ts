/**
 * Random operations on a bank and its model: a stream that follows from its seed, of phases with keys and
 * values of their own sizes.
 */
import * as layout from '../../assembly/constants.js'
import { Random } from '../support/random.js'
import { type Bank, NOISE_OFFSETS, noise } from './verify-bank.js'
import type { ModelledBank, ModelSet } from './verify-model.js'

/**
 * mixed: values from nothing to 100 kB, in phases; small: many short entries; unsplit: short entries in an
 * index that cannot grow; skewed: one shard after the other gets nearly all keys.
 */
export const PROFILES = ['mixed', 'small', 'unsplit', 'skewed'] as const

export type Profile = (typeof PROFILES)[number]

const PHASE_OPERATIONS = 400
const SKEW_OPERATIONS = 1500
const SKEW_TRIES = 30
const TAGS = 40
const FOREVER_MS = 3.2e12

/** How likely they are, in parts of the sum. */
const MIXED_WEIGHTS = {
  set: 4000,
  get: 3500,
  remove: 700,
  touch: 500,
  increment: 500,
  take: 200,
  inspect: 200,
  invalidateTag: 100,
  expireTag: 60,
  purge: 50,
  sweep: 50,
  scan: 100,
  clear: 3,
}

type Kind = keyof typeof MIXED_WEIGHTS

const SMALL_WEIGHTS: Record<Kind, number> = {
  ...MIXED_WEIGHTS,
  set: 8000,
  invalidateTag: 10,
  expireTag: 10,
  purge: 5,
  sweep: 5,
  scan: 5,
  clear: 1,
}

const MIXED_KINDS = repeatByWeight(MIXED_WEIGHTS)
const SMALL_KINDS = repeatByWeight(SMALL_WEIGHTS)

export class RandomOperations {
  /** What the last one was, for the message of a failure. */
  last = ''
  readonly #target: ModelledBank
  readonly #bank: Bank
  readonly #profile: Profile
  readonly #random: Random
  readonly #keyCount: number
  #count = 0
  #phase = 0

  constructor(target: ModelledBank, profile: Profile, seed: number) {
    this.#target = target
    this.#bank = target.bank
    this.#profile = profile
    this.#random = new Random(seed)
    this.#keyCount = this.#random.pick(
      this.#isSmall ? [3000, 20_000, 60_000] : [50, 500, 3000, 20_000],
    )
  }

  next(): void {
    if (this.#count % PHASE_OPERATIONS === 0) this.#phase = this.#random.below(6)
    this.#advanceClock()
    const key = this.#key()
    const kind = this.#kind()
    this.last = `${kind} ${JSON.stringify(key.slice(0, 16))} (${key.length} characters)`
    this.#count++
    this.#do(kind, key)
  }

  #do(kind: Kind, key: string): void {
    const random = this.#random
    const target = this.#target
    if (kind === 'set') this.#set(key)
    else if (kind === 'get') target.get(key, random.pick(GET_MODES))
    else if (kind === 'touch') target.touch(key, random.pick([0, 1, 50, 1e5, 1e13]))
    else if (kind === 'increment') target.increment(key, random.below(100), this.#parameters())
    else if (kind === 'invalidateTag') target.invalidateTag(random.below(TAGS))
    else if (kind === 'expireTag') target.expireTag(random.below(TAGS))
    else target[kind](key)
  }

  #set(key: string): void {
    const random = this.#random
    const bytes = this.#valueBytes()
    const value = noise(random.below(NOISE_OFFSETS), bytes)
    const isNumber = bytes === 8 || random.chance(1 / 3)
    const type = isNumber ? layout.TYPE_NUMBER : random.between(1, 10)
    const mode = random.pick(SET_MODES)
    this.last += `, ${bytes} bytes in mode ${mode}`
    this.#target.set(key, value, { ...this.#parameters(), type, mode }, () => {
      if (random.chance(1 / 4)) this.#target.check()
      if (random.chance(1 / 300)) this.#target.clearAroundReserved()
    })
  }

  #parameters(): ModelSet {
    const random = this.#random
    const ttlMs = random.chance(3 / 8) ? this.#ttlMs() : 0
    const tagCount = random.chance(1 / 6) ? random.between(1, random.pick([3, 3, 3, 3, 32])) : 0
    return {
      type: layout.TYPE_NUMBER,
      mode: layout.SET_ALWAYS,
      ttlMs,
      staleMs: ttlMs > 0 && random.chance(1 / 3) ? random.below(3000) : 0,
      sliding: random.chance(1 / 5),
      priority: random.chance(1 / 4) ? random.below(256) : 0,
      tags: Array.from({ length: tagCount }, () => random.below(TAGS)),
      tagNamesBytes: random.below(tagCount * 20 + 1),
      knowsVersion: random.chance(2 / 3),
    }
  }

  #ttlMs(): number {
    const random = this.#random
    return random.pick([
      1,
      random.between(5, 55),
      random.below(5000) + 0.5,
      random.between(1, 1e6),
      FOREVER_MS,
    ])
  }

  #valueBytes(): number {
    const random = this.#random
    if (this.#isSmall) return random.below(random.chance(1 / 3) ? 100 : 20)
    switch (this.#phase) {
      case 0:
        return random.below(60)
      case 1:
        return random.below(3000)
      case 2:
        return random.below(20_000)
      case 3:
        return random.below(100_000)
      case 4:
        return this.#bytesNearChunks()
      default:
        return random.chance(1 / 2) ? 100 : 8
    }
  }

  /** Where entries begin to be chained, and where a chain needs one chunk more. */
  #bytesNearChunks(): number {
    const edge = this.#random.pick([0, 100, 1990, 4000, 8100, 16_284, 65_300])
    return edge < 1000 ? edge : edge + this.#random.below(200)
  }

  #advanceClock(): void {
    const random = this.#random
    if (!random.chance(this.#isSmall ? 1 / 200 : 1 / 20)) return
    const steps = this.#isSmall ? [0.3, 1, 17, 300] : [0.3, 1, 17, 300, 5000]
    const isLeap = !this.#isSmall && random.chance(1 / 50)
    this.#bank.nowMs += isLeap ? random.pick([1e5, 2e9]) : random.pick(steps)
  }

  #key(): string {
    const index = this.#keyIndex()
    if (this.#profile !== 'skewed') return this.#keyAt(index)
    const wanted = Math.floor(this.#count / SKEW_OPERATIONS) % this.#bank.engine.shardCount
    for (let tries = 0; tries < SKEW_TRIES; tries++) {
      const key = this.#keyAt(index + tries)
      if (this.#shardOf(key) === wanted) return key
    }
    return this.#keyAt(index)
  }

  /** Some often, most rarely. */
  #keyIndex(): number {
    const random = this.#random
    if (this.#isSmall || random.chance(1 / 3)) return random.below(this.#keyCount)
    return Math.floor(this.#keyCount * random.next() ** 3)
  }

  #keyAt(index: number): string {
    const kind = this.#isSmall ? 97 : index % 97
    if (kind === 0) return String.fromCharCode(48 + (index % 400)).repeat(index % 4000)
    if (kind === 1) return `\u0416\ud800${index}`
    if (kind === 2 && index % 5 === 0) return 'long'.repeat(8000) + index
    if (kind === 3 && index % 5 === 0) return `${'wide'.repeat(8000)}\u0416${index}`
    if (kind < 30) return 'a rather longer key than usual '.repeat(1 + (index % 4)) + index
    return `${index}`
  }

  #shardOf(key: string): number {
    const { engine } = this.#bank
    return (engine.exports.hashKey(...this.#bank.stage(key)) >>> 0) & (engine.shardCount - 1)
  }

  #kind(): Kind {
    return this.#random.pick(this.#isSmall ? SMALL_KINDS : MIXED_KINDS)
  }

  get #isSmall(): boolean {
    return this.#profile === 'small' || this.#profile === 'unsplit'
  }
}

const GET_MODES = [layout.GET_COUNTED, layout.GET_COUNTED, layout.GET_PEEK, layout.GET_STALE]

const SET_MODES = [
  layout.SET_IF_ABSENT,
  layout.SET_IF_VERSION,
  ...Array.from({ length: 6 }, () => layout.SET_ALWAYS),
]

function repeatByWeight(weights: Record<Kind, number>): Kind[] {
  const kinds = Object.entries(weights) as [Kind, number][]
  return kinds.flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind))
}
