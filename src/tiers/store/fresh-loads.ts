/**
 * Loads that shall not answer with what a write has made old meanwhile: who loads a key while a write of it is
 * acknowledged loads again.
 */

/** After so many loads that were each overtaken, the last one's value is taken. */
const MAX_LOADS = 4

interface Load {
  isOvertaken: boolean
}

export class FreshLoads {
  readonly #loads = new Map<string, Set<Load>>()

  /** A write of the key is acknowledged. */
  overtake(key: string): void {
    for (const load of this.#loads.get(key) ?? []) load.isOvertaken = true
  }

  async run<Result>(keys: readonly string[], load: () => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      const current: Load = { isOvertaken: false }
      for (const key of keys) this.#add(key, current)
      try {
        const result = await load()
        if (!current.isOvertaken || count === MAX_LOADS) return result
      } finally {
        for (const key of keys) this.#remove(key, current)
      }
    }
  }

  #add(key: string, load: Load): void {
    const loads = this.#loads.get(key)
    if (loads === undefined) this.#loads.set(key, new Set([load]))
    else loads.add(load)
  }

  #remove(key: string, load: Load): void {
    const loads = this.#loads.get(key)
    loads?.delete(load)
    if (loads?.size === 0) this.#loads.delete(key)
  }
}
