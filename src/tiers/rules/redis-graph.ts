/**
 * The dependencies of all processes, in Redis. What the keys look like stands in declare-script.ts.
 *
 * 1. All keys have one hash tag, so on a cluster they are on one node, and a script may touch them all.
 * 2. Reading goes level by level, with one pipeline for up to LEVEL_KEYS keys; the server is never held up for
 *    longer than one page of one key's dependents. Edges that have ended are read too: a key too many is only
 *    deleted in vain.
 * 3. Whether the graph is used is asked when it is opened, and learnt by `markUsed` when another process says
 *    so. Where Redis does not answer, it counts as used.
 * 4. Where Redis fails, the promise rejects; nothing has been declared then, or all of it.
 *
 * A server that may evict any key (`maxmemory-policy allkeys-*`) may evict edges too, and then the entries that
 * they stand for outlive what they depend on: keep it to `volatile-*` with lifetimes, or `noeviction`.
 */
import { integer } from '../../cache/option-checks.js'
import { DECLARE_SCRIPT, DECLARE_SCRIPT_SHA1 } from './declare-script.js'
import { DEFAULT_MAX_DEPENDENTS, type DependencyGraph } from './dependencies.js'

/** A single server or a cluster. What it answers as text may come as strings or as Buffers. */
export interface RedisSender {
  /** @param key says which node: always the master of its slot, as a replica may not know the last edges */
  sendCommand(key: string, args: string[]): Promise<unknown>
}

export interface RedisGraphOptions {
  /** In the hash tag of all keys; one a cache. */
  prefix: string
  /** Before that hash tag, where keys have to begin as others do. Default: nothing. */
  before?: string
  /** More are answered with 'all'. Default 1,000,000. */
  maxDependents?: number
  /**
   * This process has declared for the first time: the others have to hear of it (`markUsed`), where Redis does not
   * tell them that a key has changed (`isUsedKey`). Called again where it fails.
   */
  onFirstUse?: () => unknown
}

const LEVEL_KEYS = 1000
const PAGE = 1000
const MOST = 16_000_000

export class RedisGraph implements DependencyGraph {
  readonly #sender: RedisSender
  readonly #usedKey: string
  readonly #onPrefix: string
  readonly #byPrefix: string
  readonly #maxDependents: number
  /** Undefined: nobody is to be told, or all have been. */
  #onFirstUse: (() => unknown) | undefined
  #use: 'unknown' | 'unused' | 'used' = 'unknown'

  /** @throws InvalidOptionError */
  constructor(sender: RedisSender, options: RedisGraphOptions) {
    const { prefix, before = '', maxDependents, onFirstUse } = options
    // Why escaped: a brace of the prefix would end the hash tag before its end, or leave it empty.
    const tag = `${before}{${prefix.replace(/[%{}]/g, encodeURIComponent)}:dependencies}`
    this.#sender = sender
    this.#usedKey = `${tag}:used`
    this.#onPrefix = `${tag}:on:`
    this.#byPrefix = `${tag}:by:`
    this.#maxDependents = integer('maxDependents', maxDependents, 1, MOST, DEFAULT_MAX_DEPENDENTS)
    this.#onFirstUse = onFirstUse
  }

  get isUsed(): boolean {
    return this.#use !== 'unused'
  }

  /**
   * Asks whether the graph is used: at first, and again when news may have been missed. Does not reject.
   * @param sender where the usual one cannot be used yet
   */
  async open(sender = this.#sender): Promise<void> {
    this.forgetUse()
    try {
      const reply = await sender.sendCommand(this.#usedKey, ['EXISTS', this.#usedKey])
      // Why compared again: somebody may have declared while this was on its way.
      if (this.#use === 'unknown') this.#use = Number(reply) > 0 ? 'used' : 'unused'
    } catch {
      // It stays unknown, and counts as used.
    }
  }

  /** From now on it may be missed that another process declares something. */
  forgetUse(): void {
    if (this.#use === 'unused') this.#use = 'unknown'
  }

  /** Whether a key with this name, that has changed, tells that there are dependencies. */
  isUsedKey(name: string): boolean {
    return name === this.#usedKey
  }

  /** Another process has declared something. */
  markUsed(): void {
    this.#use = 'used'
  }

  async declare(
    dependent: string,
    dependencies: readonly string[],
    lifetimeMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const own = new Set(dependencies)
    own.delete(dependent)
    // Why now: a write that begins while this is on its way has to ask.
    if (own.size > 0) this.#use = 'used'
    else if (this.#use === 'unused') return
    await this.#run(dependent, own, lifetimeMs)
    if (own.size === 0 || this.#onFirstUse === undefined) return
    // Why not only by the first process of all: it may have ended before it could say so.
    await this.#onFirstUse()
    this.#onFirstUse = undefined
  }

  async dependentsOf(keys: readonly string[]): Promise<string[] | 'all'> {
    const seen = new Set(keys)
    const given = seen.size
    let level = [...seen]
    while (level.length > 0) {
      const next: string[] = []
      for (let start = 0; start < level.length; start += LEVEL_KEYS) {
        const some = level.slice(start, start + LEVEL_KEYS)
        const dependents = await Promise.all(some.map((key) => this.#readDependents(key)))
        for (const key of dependents.flat()) {
          if (seen.has(key)) continue
          seen.add(key)
          next.push(key)
        }
        if (seen.size - given > this.#maxDependents) return 'all'
      }
      level = next
    }
    return [...seen].slice(given)
  }

  async forget(key: string): Promise<void> {
    await this.declare(key, [])
  }

  /** The connection is its owner's to close. */
  async close(): Promise<void> {}

  /** Why not by ranks to the end: they shift while others declare, and a scan misses nothing that stays. */
  async #readDependents(key: string): Promise<string[]> {
    const name = this.#byPrefix + key
    const page = texts(await this.#send(['ZRANGE', name, '0', `${PAGE - 1}`]))
    if (page.length < PAGE) return page
    const found: string[] = []
    let cursor = '0'
    do {
      const reply = (await this.#send(['ZSCAN', name, cursor, 'COUNT', `${PAGE}`])) as unknown[]
      cursor = String(reply[0])
      // A member and its score, in turn.
      const members = texts(reply[1]).filter((_, index) => index % 2 === 0)
      for (const member of members) found.push(member)
    } while (cursor !== '0' && found.length <= this.#maxDependents)
    return found
  }

  async #run(dependent: string, dependencies: Iterable<string>, lifetimeMs: number): Promise<void> {
    const lifetime = lifetimeMs === Number.POSITIVE_INFINITY ? 'inf' : `${Math.ceil(lifetimeMs)}`
    const args = [
      ...['2', this.#usedKey, this.#onPrefix + dependent],
      ...[this.#onPrefix, this.#byPrefix, dependent, lifetime, ...dependencies],
    ]
    try {
      await this.#send(['EVALSHA', DECLARE_SCRIPT_SHA1, ...args])
    } catch (error) {
      if (!String((error as Error)?.message).startsWith('NOSCRIPT')) throw error
      await this.#send(['EVAL', DECLARE_SCRIPT, ...args])
    }
  }

  #send(args: string[]): Promise<unknown> {
    return this.#sender.sendCommand(this.#usedKey, args)
  }
}

function texts(reply: unknown): string[] {
  return (reply as unknown[]).map(String)
}
