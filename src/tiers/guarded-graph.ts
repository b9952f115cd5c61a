/**
 * The dependency graph of a tier, as the cache uses it: with the tier's timeouts, and with what is done while the
 * tier does not answer.
 *
 * 1. Nothing here rejects or hangs. What is declared while the tier fails is kept on the heap, and holds for this
 *    process at once: others hear nothing of it then, as they hear nothing of other writes.
 * 2. What could not be declared or asked is owed: when the tier answers again, the edges are declared there, and
 *    whatever may have missed a change is removed from all tiers. What is owed ends with the process.
 * 3. At most MAX_OWED keys are owed; of more, everything is removed when the tier is back.
 */
import type { GuardedTier } from './guard/guarded-tier.js'
import type { DependencyGraph } from './rules/dependencies.js'
import { LocalGraph } from './rules/local-graph.js'
import { removeDependents } from './rules/remove-dependents.js'

/** Removes these from all tiers, and keeps out what is being loaded of them; or, for 'all', everything. */
export type Remove = (keys: readonly string[] | 'all') => Promise<unknown>

interface Declaration {
  readonly dependencies: readonly string[]
  readonly lifetimeMs: number
}

const MAX_OWED = 10_000
const BATCH = 500
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2000

export class GuardedGraph implements DependencyGraph {
  readonly #guard: GuardedTier
  readonly #remove: Remove
  #graph: DependencyGraph | undefined
  #meanwhile: LocalGraph
  readonly #owedDeclarations = new Map<string, Declaration>()
  /** What depends on these has yet to be asked for. */
  readonly #owedKeys = new Set<string>()
  #owesAll = false
  #timer: NodeJS.Timeout | undefined
  #pauseMs = FIRST_PAUSE_MS
  #isClosed = false

  constructor(guard: GuardedTier, remove: Remove) {
    this.#guard = guard
    this.#remove = remove
    this.#meanwhile = this.#createLocal()
  }

  /** Until the tier is open it is not known, and counts as used. */
  get isUsed(): boolean {
    return this.#meanwhile.isUsed || (this.#graph?.isUsed ?? true)
  }

  /** To be called when the tier is open. */
  open(): void {
    this.#graph = this.#guard.tier.dependencies?.()
  }

  /** Whether it is not known yet what depends on these keys. */
  owes(keys: readonly string[]): boolean {
    return this.#owesAll || (this.#owedKeys.size > 0 && keys.some((key) => this.#owedKeys.has(key)))
  }

  async declare(
    dependent: string,
    dependencies: readonly string[],
    lifetimeMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    try {
      await this.#ask((graph) => graph.declare(dependent, dependencies, lifetimeMs))
      this.#owedDeclarations.delete(dependent)
      await this.#meanwhile.forget(dependent)
    } catch {
      await this.#meanwhile.declare(dependent, dependencies)
      this.#owedDeclarations.set(dependent, { dependencies, lifetimeMs })
      this.#owe([])
    }
  }

  /** What can be known of it now; `owes` tells whether that is all. */
  async dependentsOf(keys: readonly string[]): Promise<string[] | 'all'> {
    const seen = new Set(keys)
    const given = seen.size
    // Why in rounds: a way may lead from one graph to the other and back.
    for (let asked = [...seen]; asked.length > 0; ) {
      const near = await this.#meanwhile.dependentsOf(asked)
      const far = await this.#dependentsInTier(asked)
      if (near === 'all' || far === 'all') return 'all'
      const found = [...near, ...far].filter((key) => !seen.has(key))
      for (const key of found) seen.add(key)
      asked = this.#meanwhile.isUsed ? found : []
    }
    return [...seen].slice(given)
  }

  async forget(key: string): Promise<void> {
    await this.declare(key, [])
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#meanwhile.close()
    await this.#graph?.close()
  }

  async #dependentsInTier(keys: readonly string[]): Promise<readonly string[] | 'all'> {
    try {
      return await this.#ask((graph) => graph.dependentsOf(keys))
    } catch {
      this.#owe(keys)
      return []
    }
  }

  /** Rejects where the tier fails. */
  #ask<Answer>(question: (graph: DependencyGraph) => Promise<Answer>): Promise<Answer> {
    return this.#guard.ask('dependencies', () => {
      this.open()
      if (this.#graph === undefined)
        throw new TypeError(`'${this.#guard.name}' has no dependencies`)
      return question(this.#graph)
    })
  }

  #owe(keys: readonly string[]): void {
    for (const key of keys) this.#owedKeys.add(key)
    if (this.#owedKeys.size > MAX_OWED || this.#owedDeclarations.size > MAX_OWED) {
      this.#owesAll = true
      this.#owedKeys.clear()
      this.#owedDeclarations.clear()
    }
    this.#wake()
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = setTimeout(async () => {
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS)
      try {
        await this.#settle()
        this.#pauseMs = FIRST_PAUSE_MS
      } catch {
        // The next try is after the pause.
      }
      this.#timer = undefined
      const isOwing = this.#owesAll || this.#owedKeys.size > 0 || this.#owedDeclarations.size > 0
      if (isOwing) this.#wake()
    }, this.#pauseMs).unref()
  }

  /** Rejects where the tier still fails. */
  async #settle(): Promise<void> {
    if (this.#owesAll) {
      await this.#ask((graph) => graph.dependentsOf([]))
      this.#owesAll = false
      this.#meanwhile = this.#createLocal()
      await this.#remove('all')
    }
    for (const [dependent, declaration] of this.#owedDeclarations) {
      const { dependencies, lifetimeMs } = declaration
      await this.#ask((graph) => graph.declare(dependent, dependencies, lifetimeMs))
      // Why removed too: others may have changed what it depends on, and not have found its edges.
      await this.#remove([dependent])
      this.#owedKeys.add(dependent)
      if (this.#owedDeclarations.get(dependent) !== declaration) continue
      this.#owedDeclarations.delete(dependent)
      await this.#meanwhile.forget(dependent)
    }
    while (this.#owedKeys.size > 0) await this.#settleKeys([...this.#owedKeys].slice(0, BATCH))
    if (this.#owedDeclarations.size === 0) this.#meanwhile = this.#createLocal()
  }

  async #settleKeys(keys: readonly string[]): Promise<void> {
    // Order: taken out first, as they may be owed anew meanwhile.
    for (const key of keys) this.#owedKeys.delete(key)
    try {
      const asked = {
        isUsed: true,
        dependentsOf: (of: readonly string[]) => this.#ask((graph) => graph.dependentsOf(of)),
      }
      await removeDependents(asked, keys, this.#remove)
    } catch (error) {
      for (const key of keys) this.#owedKeys.add(key)
      throw error
    }
  }

  #createLocal(): LocalGraph {
    // Why: with its edges lost an entry could not be invalidated as it should be, so it goes at once.
    return new LocalGraph({ onDropped: (keys) => void this.#remove(keys) })
  }
}
