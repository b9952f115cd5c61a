/**
 * Takes from policy `adaptive` the choice of its configuration, and gives it back: what neither an option nor a
 * method of the cache can do. It writes the words of the shards that say where their selectors are, and which
 * configuration is in force (assembly/struct/shard.ts, adaptive-state.ts).
 *
 * 1. The engine is the one that ships: it takes a shard without a selector for one that is too small to have one.
 * 2. What the selectors know stays as it is while they are off.
 * 3. That the words are the right ones is checked each time, by what the cache then tells of its policy.
 */
import assert from 'node:assert/strict'
import { importBuilt } from '../harness/build.mjs'

const { CONTROL_PTR, CONTROL_LEASES_PTR, CONTROL_SHARD_COUNT, CONTROL_SHARDS_PTR, SHARD_BYTES } =
  await importBuilt('assembly/constants.js')
const SELECTOR = 308
const CONFIGURATION = 208 + 28

/** In the order of their numbers (assembly/policy/configuration.ts). */
export const CONFIGURATIONS = ['repeated', 'recent', 'frequent', 'frequent-wide']

export class PolicySwitch {
  #words
  #configurationInForce
  /** Of each shard: where its words begin, and where its selector is. */
  #shards

  /**
   * @param {WebAssembly.Memory} memory of a bank
   * @param {() => string | undefined} configurationInForce as the bank tells it; none: nothing chooses
   */
  constructor(memory, configurationInForce) {
    this.#words = new Uint32Array(memory.buffer)
    this.#configurationInForce = configurationInForce
    const first = this.#control(CONTROL_SHARDS_PTR)
    this.#shards = Array.from({ length: this.shardCount }, (_, index) => {
      const ptr = first + index * SHARD_BYTES
      return { ptr, selector: this.#words[(ptr + SELECTOR) >>> 2] }
    })
    assert.ok(
      this.#shards.every(({ selector }) => selector !== 0),
      'the cache is too small to choose',
    )
  }

  /** @param {import('../../src/index.js').SharedCache} cache of one bank */
  static of(cache) {
    const [{ memory }] = cache.handle.engines
    return new PolicySwitch(memory, () => cache.stats().policy.configuration)
  }

  get shardCount() {
    return this.#control(CONTROL_SHARD_COUNT)
  }

  /** Of all selectors; up to 15 too many. */
  get selectorBytes() {
    const end = this.#control(CONTROL_LEASES_PTR)
    return (end - this.#shards.at(-1).selector) * this.shardCount
  }

  turnOff() {
    for (const { ptr } of this.#shards) this.#words[(ptr + SELECTOR) >>> 2] = 0
    assert.equal(this.#configurationInForce(), undefined, 'the selectors are still there')
  }

  turnOn() {
    for (const { ptr, selector } of this.#shards) this.#words[(ptr + SELECTOR) >>> 2] = selector
    assert.ok(CONFIGURATIONS.includes(this.#configurationInForce()), 'the selectors are not back')
  }

  /** From now on this one is in force, and no other. */
  fix(name) {
    const configuration = CONFIGURATIONS.indexOf(name)
    for (const { ptr } of this.#shards) this.#words[(ptr + CONFIGURATION) >>> 2] = configuration
    assert.equal(this.#configurationInForce(), name, 'another configuration is in force')
    this.turnOff()
  }

  #control(field) {
    return this.#words[(CONTROL_PTR + field) >>> 2]
  }
}
