/**
 * The tier's reads and writes of entries by key.
 *
 * 1. An entry is found if it can be read, is not over, and nothing that was invalidated since concerns it.
 * 2. A delete leaves a tombstone for a while. A `set` with `ifUnchanged` stores over the very stamp it saw;
 *    where nothing was or is there, as long as a tombstone would still be; and never when the connection was
 *    lost in between.
 * 3. Commands that belong together are sent in one turn of the event loop, and so in one round trip a node.
 */
import type { TierEntry, TierFinding, TierItem, TierSetOptions } from '../tier.js'
import { allSettled } from './all-settled.js'
import type { Context } from './context.js'
import { isOutOfMemory, isPartialFailure, isWrongType } from './errors.js'
import type { Argument } from './link.js'
import { EXPIRE, STORE_IF_UNCHANGED } from './scripts.js'
import {
  decodeStored,
  decodeStoredHead,
  encodeStored,
  encodeTombstone,
  HEAD_BYTES,
  newStamp,
  type StoredEntry,
  stampOf,
} from './stored-entry.js'

/** What `TierFinding.seen` holds for this tier. */
export interface Seen {
  /** Undefined: nothing was there. */
  readonly stamp: Buffer | undefined
  readonly epoch: number
  readonly readAt: number
  /** Of the link, as the key was asked for. */
  readonly session: number
}

/** Stands for what is no text: it decodes as no entry, and has no stamp. */
const NO_TEXT = Buffer.alloc(0)

/** Stands for what is on a node of a cluster that is away. */
const AWAY = Symbol('away')
/** None has it: nothing is stored on the ground of what was seen in it. */
const NO_SESSION = -1

/** How often an unconditional write is done again because an invalidation was not known yet. */
const MAX_ATTEMPTS = 3

export class Entries {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async get(key: string): Promise<TierFinding> {
    const { session } = this.#context.link
    const name = this.#context.names.entry(key)
    let bytes: unknown
    try {
      bytes = await this.#readOne(this.#send(name, ['GET', name]))
    } catch (error) {
      if (!isWrongType(error)) throw error
      bytes = NO_TEXT
    }
    return this.#find(key, bytes, session)
  }

  async getMany(keys: readonly string[]): Promise<TierFinding[]> {
    if (keys.length === 0) return []
    const { session } = this.#context.link
    const names = keys.map((key) => this.#context.names.entry(key))
    if (this.#context.isCluster) {
      const replies = await this.#readOnNodes(names)
      return keys.map((key, index) =>
        replies[index] === AWAY
          ? this.#find(key, null, NO_SESSION)
          : this.#find(key, replies[index], session),
      )
    }
    const replies = await this.#readOne(this.#send(names[0], ['MGET', ...names]))
    return keys.map((key, index) => this.#find(key, (replies as unknown[])[index], session))
  }

  async set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<boolean> {
    const { host, invalidations } = this.#context
    const seen = options?.ifUnchanged?.seen as Seen | undefined
    if (entry.keepUntil <= host.now()) {
      if (seen === undefined && options?.lease === undefined) await this.delete([key])
      return false
    }
    if (!invalidations.isSettled) await invalidations.settle()
    if (seen !== undefined || options?.lease !== undefined) {
      return this.#setIfUnchanged(key, entry, seen, options)
    }
    const name = this.#context.names.entry(key)
    let isThere = false
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const epoch = invalidations.known
      const value = encodeStored(entry, newStamp(), epoch)
      const stored = this.#send(name, ['SET', name, value, 'PX', this.#keepFor(entry)])
      if (!(await this.#hasRoom(key, this.read([stored])))) {
        // Why: what was there before would count again.
        await this.delete([key])
        return false
      }
      await this.#publish([key])
      // Why again: what this process had not heard of yet was before the call, and does not concern its value.
      const { isGone, staleSince } = invalidations.judge(key, entry.tags, epoch)
      isThere = !isGone
      if (isThere && staleSince === undefined) return true
    }
    return isThere
  }

  setMany(items: readonly TierItem[]): Promise<boolean[]> {
    return allSettled(items.map(({ key, entry, options }) => this.set(key, entry, options)))
  }

  async delete(keys: readonly string[]): Promise<boolean[]> {
    const answers = await allSettled(keys.map((key) => this.#delete(key)))
    await this.#publish(keys)
    return answers
  }

  async take(key: string): Promise<TierEntry | undefined> {
    const name = this.#context.names.entry(key)
    const [bytes] = await this.read([this.#bury(name, ['GET'], 'GETDEL')])
    await this.#publish([key])
    return this.#find(key, bytes, this.#context.link.session).entry
  }

  async expire(keys: readonly string[]): Promise<boolean[]> {
    const answers = await allSettled(keys.map((key) => this.#expire(key)))
    await this.#publish(keys)
    return answers
  }

  /** Waits for the replies, and until all invalidations are known that were there before them. */
  async read(replies: Promise<unknown>[]): Promise<unknown[]> {
    const { invalidations, settings } = this.#context
    const asked = settings.news === false ? [...replies, invalidations.refresh()] : replies
    const answers = await allSettled(asked)
    if (!invalidations.isSettled) await invalidations.settle()
    return answers
  }

  /** The same for one, which is most of what a cache asks: without a list of promises around it. */
  async #readOne(reply: Promise<unknown>): Promise<unknown> {
    const { invalidations, settings } = this.#context
    if (settings.news === false) return (await this.read([reply]))[0]
    const answer = await reply
    if (!invalidations.isSettled) await invalidations.settle()
    return answer
  }

  /** AWAY for each whose node cannot be reached. Rejects where that is so of all. */
  async #readOnNodes(names: readonly string[]): Promise<unknown[]> {
    let failure: unknown
    const noteAway = (error: unknown): typeof AWAY => {
      if (!isPartialFailure(error)) throw error
      failure = error
      return AWAY
    }
    const replies = names.map((name) => this.text(name, ['GET', name]).catch(noteAway))
    const answers = await this.read(replies)
    if (answers.every((answer) => answer === AWAY)) throw failure
    return answers
  }

  /**
   * Whether a value, of which these are the first bytes, would be found.
   *
   * @param before what was invalidated from this epoch on does not count
   */
  wasFound(key: string, head: unknown, before?: number): boolean {
    if (!Buffer.isBuffer(head) || head.length === 0) return false
    try {
      const { entry, epoch } = decodeStoredHead(head)
      if (entry === undefined || entry.keepUntil <= this.#context.host.now()) return false
      return !this.#context.invalidations.judge(key, entry.tags, epoch, before).isGone
    } catch {
      return false
    }
  }

  async #setIfUnchanged(
    key: string,
    entry: TierEntry,
    seen: Seen | undefined,
    options: TierSetOptions | undefined,
  ): Promise<boolean> {
    const { host, invalidations, link, names, news, settings } = this.#context
    const epoch = seen?.epoch ?? invalidations.known
    if (invalidations.judge(key, entry.tags, epoch).isGone) return false
    const sinceMs = seen === undefined ? 0 : host.now() - seen.readAt
    const isRecent = sinceMs >= 0 && sinceMs < settings.tombstoneTtlMs
    // Why the length: what is no entry, or is cut off, has no stamp.
    if (seen !== undefined && !seen.stamp?.length && !isRecent) return false
    // Why: a server that was started anew, or took over, may not have the tombstones of the one before.
    if (seen !== undefined && seen.session !== link.session) return false

    const name = names.entry(key)
    const { lease, renews } = options ?? {}
    const stamp = renews && seen?.stamp?.length ? seen.stamp : newStamp()
    const value = encodeStored(entry, stamp, epoch)
    const px = this.#keepFor(entry)
    let stored: Promise<unknown>
    if (seen !== undefined && seen.stamp === undefined && lease === undefined) {
      // Why not the script too: of a plain command this client is not told itself.
      stored = this.#send(name, ['SET', name, value, 'PX', px, 'NX'])
    } else {
      if (settings.news === 'tracking') news.expectOwn(name, stamp)
      const keys = lease === undefined ? [name] : [name, names.lease(key)]
      const allowed = seen === undefined ? 'any' : isRecent ? 'none' : 'stamp'
      const args = [value, px, seen?.stamp ?? '', allowed, String(lease?.fencingToken ?? '')]
      stored = STORE_IF_UNCHANGED.run(link, keys, args)
    }
    const answers = await this.#hasRoom(key, this.read([stored]))
    if (answers === undefined || answers[0] === null || answers[0] === 0) return false
    // Why not of a renewal: what others have of the key is as it was.
    if (!renews) await this.#publish([key])
    return !invalidations.judge(key, entry.tags, epoch).isGone
  }

  async #delete(key: string): Promise<boolean> {
    const name = this.#context.names.entry(key)
    const head = this.headOf(name)
    const [bytes] = await this.read([head, this.#bury(name, [], 'DEL')])
    return this.wasFound(key, bytes)
  }

  async #expire(key: string): Promise<boolean> {
    const { host, link, names, news, settings } = this.#context
    const name = names.entry(key)
    const stamp = newStamp()
    if (settings.news === 'tracking') news.expectOwn(name, stamp)
    const head = this.headOf(name)
    const px = String(settings.tombstoneTtlMs)
    const args = [String(host.now()), stamp, encodeTombstone(stamp), px]
    const [bytes] = await this.read([head, EXPIRE.run(link, [name], args)])
    return this.wasFound(key, bytes)
  }

  /** The first bytes of what is there. */
  headOf(name: string): Promise<unknown> {
    return this.text(name, ['GETRANGE', name, '0', String(HEAD_BYTES - 1)])
  }

  /** What a command answers that reads text; NO_TEXT where the key has something else. */
  async text(name: string, args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#send(name, args)
    } catch (error) {
      if (isWrongType(error)) return NO_TEXT
      throw error
    }
  }

  /** Undefined: the server has none for what was to be stored; that is told. */
  async #hasRoom<T>(key: string, stored: Promise<T>): Promise<T | undefined> {
    try {
      return await stored
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
      this.#context.host.problem({ kind: 'full', key, error })
      return undefined
    }
  }

  /** Puts a tombstone there; without room for one, removes what is there. */
  async #bury(name: string, options: Argument[], otherwise: string): Promise<unknown> {
    const px = String(this.#context.settings.tombstoneTtlMs)
    try {
      const tombstone = encodeTombstone(newStamp())
      return await this.#send(name, ['SET', name, tombstone, 'PX', px, ...options])
    } catch (error) {
      // Why once more: GET reads no lists, and then nothing was put there.
      if (isWrongType(error) && options.length > 0) return this.#bury(name, [], 'DEL')
      if (!isOutOfMemory(error)) throw error
      return this.text(name, [otherwise, name])
    }
  }

  #send(name: string, args: readonly Argument[]): Promise<unknown> {
    return this.#context.link.send(name, args)
  }

  #find(key: string, bytes: unknown, session: number): TierFinding {
    const { host, invalidations } = this.#context
    const now = host.now()
    const seenWith = (stamp: Buffer | undefined): Seen => ({
      stamp,
      epoch: invalidations.known,
      readAt: now,
      session,
    })
    if (!Buffer.isBuffer(bytes)) return { entry: undefined, seen: seenWith(undefined) }
    let stored: StoredEntry
    try {
      stored = decodeStored(bytes)
    } catch (error) {
      host.problem({ kind: 'corrupt', key, error })
      return { entry: undefined, seen: seenWith(stampOf(bytes)) }
    }
    const { stamp, epoch, entry } = stored
    const seen = seenWith(stamp)
    if (entry === undefined || entry.keepUntil <= now) return { entry: undefined, seen }
    const { isGone, staleSince } = invalidations.judge(key, entry.tags, epoch)
    if (isGone) return { entry: undefined, seen }
    if (staleSince === undefined) return { entry, seen }
    return { entry: { ...entry, expiresAt: Math.min(entry.expiresAt, staleSince, now) }, seen }
  }

  #keepFor({ keepUntil }: TierEntry): string {
    const { host, settings } = this.#context
    const keepMs = Math.min(keepUntil - host.now(), settings.maxTtlMs)
    return String(Math.max(1, Math.ceil(keepMs)))
  }

  /** On the bus. Why only now: whoever hears of it reads what was written. */
  async #publish(keys: readonly string[]): Promise<void> {
    const { link, names, news, settings } = this.#context
    if (settings.news !== 'pubsub' || keys.length === 0) return
    await link.send(undefined, ['PUBLISH', names.channel, news.message(keys)])
  }
}
