/**
 * What goes with a key: the graph of dependencies, and the deletes that follow a change.
 *
 * 1. The graph is that of the lowest tier that has one, so that all processes share it; else one on the heap.
 * 2. Edges are declared before a load begins, and asked for once a change is done.
 * 3. A graph that cannot be asked may hide a dependent: that is told, and counts as a failed write.
 */
import type { ResolvedEntryOptions } from './entry-options.js'
import { ttlMsIn } from './lifetimes.js'
import type { LowerTier } from './lower-tier.js'
import type { MemoryTier } from './memory/memory-tier.js'
import type { DependencyGraph } from './rules/dependencies.js'
import { LocalGraph } from './rules/local-graph.js'
import { removeDependents } from './rules/remove-dependents.js'
import type { Telling } from './telling.js'

interface Parts<V> {
  readonly memory: MemoryTier<V>
  readonly lower: readonly LowerTier<V>[]
  readonly telling: Telling
}

export class Dependencies<V> {
  readonly #parts: Parts<V>
  #graph: DependencyGraph
  #graphTier = 'memory'

  constructor(parts: Parts<V>) {
    this.#parts = parts
    this.#graph = new LocalGraph({
      // Why: with its edges lost an entry could not be invalidated as it should be, so it goes at once.
      onDropped: (keys) => {
        if (keys === 'all') {
          parts.memory.cache.clear()
          for (const { guard } of parts.lower) guard.clear()
          return
        }
        parts.memory.cache.deleteMany(keys)
        for (const { guard } of parts.lower) guard.delete(keys)
      },
    })
  }

  async open(): Promise<void> {
    const tier = this.#parts.lower.findLast(({ guard }) => guard.tier.dependencies !== undefined)
    const graph = tier?.guard.tier.dependencies?.()
    if (tier === undefined || graph === undefined) return
    this.#graph = graph
    this.#graphTier = tier.name
  }

  /** Whether a change of a key has to ask for what depends on it. */
  get isUsed(): boolean {
    return this.#graph.isUsed
  }

  /** @param options of the entry: for as long as it may live, its edges are kept */
  async declare(
    key: string,
    dependsOn: readonly string[],
    options: ResolvedEntryOptions,
  ): Promise<void> {
    const { memory, lower } = this.#parts
    const ttlMs = Math.max(...[memory, ...lower].map((tier) => ttlMsIn(tier, options)))
    await this.#graph.declare(key, dependsOn, ttlMs + options.keepMs)
  }

  /**
   * Removes what depends on keys that have changed.
   * @param remove from all tiers; 'all': everything
   * @returns false where the graph could not be asked: that is told
   */
  async removeDependents(
    keys: readonly string[],
    remove: (keys: readonly string[] | 'all') => Promise<unknown>,
  ): Promise<boolean> {
    if (!this.#graph.isUsed || keys.length === 0) return true
    try {
      await removeDependents(this.#graph, keys, remove)
      return true
    } catch (error) {
      const operation = 'dependencies'
      this.#parts.telling.tell('write-failed', { tier: this.#graphTier, operation, keys, error })
      return false
    }
  }

  async close(): Promise<void> {
    await this.#graph.close().catch(() => {})
  }
}
