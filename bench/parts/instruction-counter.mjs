/**
 * Counts the instructions of the engine that calls of a cache run: a further instance on the same memory, made by
 * the engine that counts (engine/instrument.mjs).
 */
import { compileCountingEngine } from '../engine/instrument.mjs'
import { importBuilt, SharedCache } from '../harness/build.mjs'

const { useEngineModule } = await importBuilt('src/engine/module.js')

export class InstructionCounter {
  /** Attached to the same entries; its calls are counted. */
  cache
  #count = 0

  /** @param {import('../../src/index.js').CacheHandle} handle of a cache without a near cache */
  constructor(handle) {
    const touch = (address) => address
    const count = (instructions) => {
      this.#count += instructions
    }
    useEngineModule(compileCountingEngine(), { trace: { touch, count } })
    try {
      this.cache = SharedCache.attach(handle)
    } finally {
      useEngineModule(undefined)
    }
  }

  /** How many an action takes. */
  of(action) {
    const before = this.#count
    action()
    return this.#count - before
  }
}
