/**
 * A tier in an LMDB file: it outlives the process, and several processes of a machine may share it.
 *
 * 1. Reads are synchronous and see one state of the file; writes go in transactions, several in one, and
 *    resolve when that is committed. What a process wrote it reads.
 * 2. A damaged file is put aside and a new one begun; a damaged entry is a miss, and removed. A damaged row that
 *    says what is invalidated says so of all that it may have been about, until it is mended (mending.ts).
 * 3. Where the disk is full, `set` resolves to false, reads go on, and what goes first makes room.
 * 4. After `close` everything rejects with TierClosedError.
 */
import type { DependencyGraph } from '../rules/dependencies.js'
import type { Tier, TierEntry, TierFinding, TierHost, TierItem, TierSetOptions } from '../tier.js'
import { DiskFile } from './disk-file.js'
import { DiskGraph } from './disk-graph.js'
import { TierClosedError } from './errors.js'
import { deleteOne, expire, invalidateTags, set, take } from './operations.js'
import {
  type DiskTierOptions,
  type ResolvedDiskTierOptions,
  resolveDiskTierOptions,
} from './options.js'
import { deleteSelected, keysOf } from './scan.js'
import { bytesOf } from './stored-entry.js'
import { type KeySelection, selectPattern, selectPrefix } from './voids.js'

const SMALL_WRITE_BYTES = 256

/**
 * A tier for `tiers: [memoryTier(), diskTier({ path: './cache.lmdb' })]`. Needs the package `lmdb`.
 * @throws InvalidOptionError
 */
export function diskTier(options: DiskTierOptions): DiskTier {
  return new DiskTier(resolveDiskTierOptions(options))
}

export class DiskTier implements Tier {
  readonly name: string
  /** The option `ttl`. */
  readonly defaultTtlMs: number | undefined
  readonly #options: ResolvedDiskTierOptions
  #file: DiskFile | undefined
  #graph: DiskGraph | undefined

  constructor(options: ResolvedDiskTierOptions) {
    this.name = options.name
    this.defaultTtlMs = options.defaultTtlMs
    this.#options = options
  }

  /** @throws InvalidOptionError where the path is of a folder, or of a file of somebody else */
  async open(host: TierHost): Promise<void> {
    this.#file = await DiskFile.open(this.#options, host)
  }

  async get(key: string): Promise<TierFinding> {
    return this.getAtOnce(key)
  }

  getAtOnce(key: string): TierFinding {
    return this.#opened().find(key)
  }

  async getMany(keys: readonly string[]): Promise<TierFinding[]> {
    const file = this.#opened()
    return keys.map((key) => file.find(key))
  }

  async set(key: string, entry: TierEntry, options: TierSetOptions = {}): Promise<boolean> {
    const file = this.#opened()
    const bytes = bytesOf(key.length, entry.payload.byteLength)
    if (bytes > this.#options.maxBytes) return file.refuse(key)
    return file.write({
      work: (transaction) => set(transaction, key, entry, options),
      bytes,
      refused: { result: false, key },
    })
  }

  async setMany(items: readonly TierItem[]): Promise<boolean[]> {
    return Promise.all(items.map(({ key, entry, options }) => this.set(key, entry, options)))
  }

  async delete(keys: readonly string[]): Promise<boolean[]> {
    const file = this.#opened()
    return Promise.all(
      keys.map((key) =>
        file.write({
          work: (transaction) => deleteOne(transaction, key),
          bytes: SMALL_WRITE_BYTES,
        }),
      ),
    )
  }

  async take(key: string): Promise<TierEntry | undefined> {
    return this.#opened().write({
      work: (transaction) => take(transaction, key),
      bytes: SMALL_WRITE_BYTES,
    })
  }

  async expire(keys: readonly string[]): Promise<boolean[]> {
    const file = this.#opened()
    return Promise.all(
      keys.map((key) =>
        file.write({ work: (transaction) => expire(transaction, key), bytes: SMALL_WRITE_BYTES }),
      ),
    )
  }

  async invalidateTags(tags: readonly string[], soft: boolean): Promise<void> {
    return this.#opened().write({
      work: (transaction) => invalidateTags(transaction, tags, soft),
      bytes: SMALL_WRITE_BYTES * tags.length,
    })
  }

  async deleteByPrefix(prefix: string): Promise<number> {
    return this.#deleteSelected(selectPrefix(prefix))
  }

  /** @throws InvalidOptionError where it is no pattern */
  async deleteByPattern(pattern: string): Promise<number> {
    return this.#deleteSelected(selectPattern(pattern))
  }

  async *keys(prefix = ''): AsyncIterable<string> {
    yield* keysOf(() => this.#opened(), selectPrefix(prefix))
  }

  async clear(): Promise<void> {
    return this.#opened().write({
      work: (transaction) => transaction.clear(),
      bytes: SMALL_WRITE_BYTES,
    })
  }

  /** Kept in the file, as entries are: what is found after a restart goes with what it depends on. */
  dependencies(): DependencyGraph {
    this.#graph ??= new DiskGraph(() => this.#opened())
    return this.#graph
  }

  /** Waits for the writes that are under way. */
  async close(): Promise<void> {
    await this.#file?.close()
  }

  /**
   * `bytes` and `entries` with tombstones, and what is over but not purged yet; `corrupt`: how often this process
   * found an entry, or another row, of which a byte was changed.
   */
  stats(): Record<string, unknown> {
    return this.#file?.stats() ?? {}
  }

  async #deleteSelected(selection: KeySelection): Promise<number> {
    return deleteSelected(this.#opened(), selection)
  }

  #opened(): DiskFile {
    if (this.#file === undefined || this.#file.isClosed) throw new TierClosedError(this.name)
    return this.#file
  }
}
