/**
 * The dependencies of keys in the file of a disk tier: they outlive the process as its entries do, and are shared
 * by all processes on the file.
 *
 * 1. A declaration resolves when it is committed; one that fails has declared nothing.
 * 2. Whether there are any is read from the file, until there are.
 */
import { integer } from '../../cache/option-checks.js'
import { DEFAULT_MAX_DEPENDENTS, type DependencyGraph } from '../rules/dependencies.js'
import type { DiskFile } from './disk-file.js'
import { declareEdges, dependentsIn, hasEdges } from './edges.js'

const EDGE_BYTES = 256
const MOST = 16_000_000

export class DiskGraph implements DependencyGraph {
  readonly #file: () => DiskFile
  readonly #maxDependents: number

  /** @param file throws where it is closed */
  constructor(file: () => DiskFile, maxDependents?: number) {
    this.#file = file
    this.#maxDependents = integer('maxDependents', maxDependents, 1, MOST, DEFAULT_MAX_DEPENDENTS)
  }

  get isUsed(): boolean {
    // Why used where it cannot be read: it may be.
    try {
      const file = this.#file()
      file.hasEdges ||= file.read(({ databases }) => hasEdges(databases)) ?? true
      return file.hasEdges
    } catch {
      return true
    }
  }

  async declare(
    dependent: string,
    dependencies: readonly string[],
    lifetimeMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const own = new Set(dependencies)
    own.delete(dependent)
    const file = this.#file()
    if (own.size > 0) file.hasEdges = true
    else if (!this.isUsed) return
    await file.write({
      work: (transaction) => declareEdges(transaction, dependent, own, lifetimeMs),
      bytes: EDGE_BYTES * (own.size + 1),
    })
  }

  async dependentsOf(keys: readonly string[]): Promise<string[] | 'all'> {
    const found = this.#file().read((transaction) => {
      const seen = new Set(keys)
      const given = seen.size
      // Why it ends: a set is walked in the order of adding, what is added meanwhile too, and each key once.
      for (const key of seen) {
        for (const dependent of dependentsIn(transaction, key)) seen.add(dependent)
        const isLost = transaction.damaged.length > 0
        if (isLost || seen.size - given > this.#maxDependents) return 'all'
      }
      return [...seen].slice(given)
    })
    if (found === undefined) throw new Error('the file cannot be read just now')
    return found
  }

  async forget(key: string): Promise<void> {
    await this.declare(key, [])
  }

  /** The file is its owner's to close. */
  async close(): Promise<void> {}
}
