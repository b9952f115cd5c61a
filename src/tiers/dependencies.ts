/**
 * What goes with a key: the graph of dependencies, and the deletes that follow a change.
 *
 * 1. The graph is that of the lowest tier that has one, so that all processes share it; else one on the heap.
 * 2. Edges are declared before a load begins. What depends on a key is asked for after it has changed, until nobody
 *    has declared anything meanwhile (rules/remove-dependents.ts).
 * 3. A graph that cannot be asked may hide a dependent: that counts as a failed write, and is made good when the
 *    graph answers again (guarded-graph.ts).
 */

import { ttlMsIn } from './entry/lifetimes.js'
import type { ResolvedEntryOptions } from './entry/options.js'
import { GuardedGraph, type Remove } from './guarded-graph.js'
import type { LowerTier } from './lower-tier.js'
import type { MemoryTier } from './memory/memory-tier.js'
import { LocalGraph } from './rules/local-graph.js'
import { removeDependents } from './rules/remove-dependents.js'
import type { Changes } from './writing/changes.js'

interface Parts<V> {
  readonly memory: MemoryTier<V>
  readonly lower: readonly LowerTier<V>[]
  readonly changes: Changes
}

export class Dependencies<V> {
  readonly #parts: Parts<V>
  readonly #graph: GuardedGraph | LocalGraph

  constructor({ memory, lower, changes }: Parts<V>) {
    this.#parts = { memory, lower, changes }
    const remove = (keys: readonly string[] | 'all') => this.#remove(keys)
    const tier = lower.findLast(({ guard }) => guard.tier.dependencies !== undefined)
    // Why removed: with its edges lost an entry could not be invalidated as it should be, so it goes at once.
    this.#graph =
      tier === undefined
        ? new LocalGraph({ onDropped: (keys) => void remove(keys) })
        : new GuardedGraph(tier.guard, remove)
  }

  /** When the tiers are open. */
  open(): void {
    if (this.#graph instanceof GuardedGraph) this.#graph.open()
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
   * @returns false where it is not known yet what depends on them
   */
  async removeDependents(keys: readonly string[], remove: Remove): Promise<boolean> {
    if (!this.#graph.isUsed || keys.length === 0) return true
    await removeDependents(this.#graph, keys, remove)
    return !(this.#graph instanceof GuardedGraph && this.#graph.owes(keys))
  }

  async close(): Promise<void> {
    await this.#graph.close()
  }

  async #remove(keys: readonly string[] | 'all'): Promise<void> {
    const { memory, lower, changes } = this.#parts
    if (keys === 'all') {
      return changes.ofRange(
        () => true,
        async () => {
          memory.cache.clear()
          await Promise.all(lower.map(({ guard }) => guard.clear()))
        },
      )
    }
    return changes.ofKeys(keys, async () => {
      memory.cache.deleteMany(keys)
      await Promise.all(lower.map(({ guard }) => guard.delete(keys)))
    })
  }
}
