/**
 * The dependencies of one process, in two maps on its heap.
 *
 * 1. `dependencies` has b under a exactly where `dependents` has a under b. No set in either is empty.
 * 2. There are never more than `maxEdges` edges, but for a single key that has more. Where one more is needed, the key that declared longest ago is
 *    forgotten. Its entry, and those of all that depend on it, can then no longer be invalidated as they should,
 *    so `onDropped` is told their keys, to be deleted. A forgotten key depends on nothing until it declares again.
 *
 * Costs about 150 bytes an edge.
 */
import { integer } from '../../cache/option-checks.js'
import { DEFAULT_MAX_DEPENDENTS, type DependencyGraph } from './dependencies.js'

export interface LocalGraphOptions {
  /** Default 200,000. */
  maxEdges?: number
  /** More are answered with 'all'. Default 1,000,000. */
  maxDependents?: number
  /** These can no longer be invalidated, so they have to go now. Called within `declare`. */
  onDropped?: (keys: string[] | 'all') => void
}

const DEFAULT_MAX_EDGES = 200_000
/** Somewhat below what a Map can hold. */
const MOST = 16_000_000

export class LocalGraph implements DependencyGraph {
  /** In the order of declaring, oldest first. */
  readonly #dependencies = new Map<string, Set<string>>()
  readonly #dependents = new Map<string, Set<string>>()
  readonly #maxEdges: number
  readonly #maxDependents: number
  readonly #onDropped: ((keys: string[] | 'all') => void) | undefined
  #edges = 0
  #isUsed = false

  /** @throws InvalidOptionError */
  constructor(options: LocalGraphOptions = {}) {
    const { maxEdges, maxDependents } = options
    this.#maxEdges = integer('maxEdges', maxEdges, 1, MOST, DEFAULT_MAX_EDGES)
    this.#maxDependents = integer('maxDependents', maxDependents, 1, MOST, DEFAULT_MAX_DEPENDENTS)
    this.#onDropped = options.onDropped
  }

  get isUsed(): boolean {
    return this.#isUsed
  }

  /** How many edges there are. */
  get edges(): number {
    return this.#edges
  }

  async declare(dependent: string, dependencies: readonly string[]): Promise<void> {
    this.#forget(dependent)
    const own = new Set(dependencies)
    own.delete(dependent)
    if (own.size === 0) return
    this.#isUsed = true
    this.#makeRoom(own.size)
    this.#dependencies.set(dependent, own)
    this.#edges += own.size
    for (const dependency of own) {
      const dependents = this.#dependents.get(dependency)
      if (dependents === undefined) this.#dependents.set(dependency, new Set([dependent]))
      else dependents.add(dependent)
    }
  }

  async dependentsOf(keys: readonly string[]): Promise<string[] | 'all'> {
    return this.#closure(keys)
  }

  async forget(key: string): Promise<void> {
    this.#forget(key)
  }

  async close(): Promise<void> {
    this.#dependencies.clear()
    this.#dependents.clear()
    this.#edges = 0
  }

  #closure(keys: readonly string[]): string[] | 'all' {
    const seen = new Set(keys)
    const given = seen.size
    // Why it ends: a set is walked in the order of adding, what is added meanwhile too, and each key once.
    for (const key of seen) {
      for (const dependent of this.#dependents.get(key) ?? []) seen.add(dependent)
      if (seen.size - given > this.#maxDependents) return 'all'
    }
    return [...seen].slice(given)
  }

  #forget(key: string): void {
    const dependencies = this.#dependencies.get(key)
    if (dependencies === undefined) return
    this.#dependencies.delete(key)
    this.#edges -= dependencies.size
    for (const dependency of dependencies) {
      const dependents = this.#dependents.get(dependency) as Set<string>
      dependents.delete(key)
      if (dependents.size === 0) this.#dependents.delete(dependency)
    }
  }

  #makeRoom(edges: number): void {
    const dropped: string[] = []
    for (const oldest of this.#dependencies.keys()) {
      if (this.#edges + edges <= this.#maxEdges) break
      dropped.push(oldest)
      this.#forget(oldest)
    }
    if (dropped.length === 0) return
    // Why all that is needed: a way to a dependent that led through a dropped key begins at that key now.
    const dependents = this.#closure(dropped)
    this.#onDropped?.(dependents === 'all' ? 'all' : [...dropped, ...dependents])
  }
}
