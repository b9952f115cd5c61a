/**
 * What has been invalidated by tag, prefix or pattern: a copy of the one sorted set in Redis.
 *
 * 1. Every invalidation has an epoch: microseconds by the server's clock, and higher than all before. An
 *    entry has the epoch up to which its process knew all of them when its load began; it is gone if one
 *    that concerns it came later.
 * 2. The set has a birth, the epoch before which it knows nothing. A set that is new or was evicted gets a
 *    new one, and older entries with tags are gone. One that has lost what a process knew of it (a failover,
 *    an old snapshot) shows that the server has gone back in time: all older entries are gone.
 * 3. `settle` resolves once the copy has all that was in the set when `markOutdated` was last called.
 *
 * Invalidating costs O(log n) in the number of invalidations kept, judging an entry O(1) for each of its tags,
 * for each length that a prefix has had, and for each glob; nothing where nothing was invalidated since.
 */
import { compilePattern, type KeyPattern } from '../../cache/key-pattern.js'
import type { TierNews } from '../tier.js'
import type { KeyNames } from './key-names.js'
import type { Argument, Sender } from './link.js'
import { INVALIDATE, READ_INVALIDATIONS } from './scripts.js'

/** More of them raise the birth: entries older than those left out are gone. */
const MAX_MEMBERS = 100_000
/** Why few: each is tried on each older entry; the entries themselves are gone by then. */
const MAX_GLOBS = 1000
const MICROSECONDS = 1000
/** Loads take their time: an entry is written that much after the epoch it has, at the most. */
const LONGEST_LOAD_MS = 24 * 60 * 60 * 1000

export type Member = { readonly kind: 't' | 's' | 'p' | 'g'; readonly text: string }

export interface Verdict {
  readonly isGone: boolean
  /** Since when it is stale, in ms by the server's clock; undefined: it is not. */
  readonly staleSince: number | undefined
}

const VALID: Verdict = { isGone: false, staleSince: undefined }
const GONE: Verdict = { isGone: true, staleSince: undefined }

export class Invalidations {
  readonly #sender: Sender
  readonly #names: KeyNames
  readonly #maxAgeMicroseconds: number
  readonly #tell: (news: TierNews) => void
  #known = 0
  #birth = 0
  readonly #hard = new Map<string, number>()
  readonly #soft = new Map<string, number>()
  readonly #prefixes = new Map<string, number>()
  readonly #prefixLengths = new Set<number>()
  #globs: { glob: string; pattern: KeyPattern; epoch: number }[] = []
  /** Of what was invalidated more than once, the epoch before the last one. */
  readonly #earlier = new Map<string, number>()
  /** What is to be read, and what has been: counts of marks. */
  #wanted = 1
  #read = 0
  #reading: Promise<void> | undefined

  constructor(sender: Sender, names: KeyNames, maxTtlMs: number, tell: (news: TierNews) => void) {
    this.#sender = sender
    this.#names = names
    this.#maxAgeMicroseconds = (maxTtlMs + LONGEST_LOAD_MS) * MICROSECONDS
    this.#tell = tell
  }

  /** The last epoch of which everything is known; what is loaded from now on has it. */
  get known(): number {
    return this.#known
  }

  get count(): number {
    return this.#hard.size + this.#soft.size + this.#prefixes.size + this.#globs.length
  }

  get isSettled(): boolean {
    return this.#read === this.#wanted
  }

  markOutdated(): void {
    this.#wanted++
  }

  async settle(sender: Sender = this.#sender): Promise<void> {
    while (!this.isSettled) {
      this.#reading ??= this.#readNewer(sender).finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
  }

  /** Asks for the last epoch alone: for where nothing tells of new ones. */
  async refresh(): Promise<void> {
    const set = this.#names.invalidations
    const last = await this.#sender.send(set, ['ZRANGE', set, '-1', '-1', 'WITHSCORES'])
    const [score] = pairs(last as unknown[]).map(([, epoch]) => epoch)
    if (score !== this.#known) this.markOutdated()
  }

  /** @returns the epoch */
  async invalidate(members: readonly Member[], channel = '', message = ''): Promise<number> {
    const limits = [String(this.#maxAgeMicroseconds), String(MAX_MEMBERS), channel, message]
    const args: Argument[] = [String(this.#known), ...limits]
    args.push(...members.map(({ kind, text }) => kind + text))
    const set = [this.#names.invalidations]
    const [epoch, ...answer] = (await INVALIDATE.run(this.#sender, set, args)) as unknown[]
    this.#take(answer, Number(String(epoch)))
    return Number(String(epoch))
  }

  /** @param before what was invalidated from this epoch on does not count */
  judge(
    key: string,
    tags: readonly string[],
    epoch: number,
    before = Number.POSITIVE_INFINITY,
  ): Verdict {
    if (epoch >= this.#known) return VALID
    if (tags.length > 0 && epoch < this.#birth) return GONE
    const isBetween = (at = 0) => at > epoch && at < before
    const counts = (kind: string, text: string, last?: number) =>
      isBetween(last) || isBetween(this.#earlier.get(kind + text))
    let softEpoch = 0
    for (const tag of tags) {
      if (counts('t', tag, this.#hard.get(tag))) return GONE
      softEpoch = Math.max(softEpoch, this.#soft.get(tag) ?? 0)
    }
    for (const length of this.#prefixLengths) {
      if (length > key.length) continue
      const prefix = key.slice(0, length)
      if (counts('p', prefix, this.#prefixes.get(prefix))) return GONE
    }
    const isGlob = this.#globs.some((each) => {
      return counts('g', each.glob, each.epoch) && each.pattern.test(key)
    })
    if (isGlob) return GONE
    return softEpoch > epoch ? { isGone: false, staleSince: softEpoch / MICROSECONDS } : VALID
  }

  async #readNewer(sender: Sender): Promise<void> {
    const wanted = this.#wanted
    const set = [this.#names.invalidations]
    const answer = await READ_INVALIDATIONS.run(sender, set, [String(this.#known)])
    this.#take(answer as unknown[])
    this.#read = wanted
  }

  /** @param own the epoch of what this process did, of which nobody has to be told */
  #take([birth, members]: unknown[], own?: number): void {
    const before = this.#known
    const newBirth = Number(String(birth))
    const newer = pairs(members as unknown[]).filter(([, epoch]) => epoch > before)
    if (newBirth > this.#birth) this.#raiseBirth(newBirth)
    for (const [member, epoch] of newer) this.#add(member[0], member.slice(1), epoch)
    this.#known = newer.reduce((most, [, epoch]) => Math.max(most, epoch), this.#known)
    if (before === 0) return
    // Why: what was left out of the set since then cannot be told one by one.
    if (newBirth > before) this.#tell({ kind: 'all' })
    else this.#tellOf(newer.filter(([, epoch]) => epoch !== own).map(([member]) => member))
  }

  #add(kind: string, text: string, epoch: number): void {
    const last = this.#lastEpoch(kind, text)
    if (last !== undefined) setNewest(this.#earlier, kind + text, last)
    if (kind === 't') setNewest(this.#hard, text, epoch)
    else if (kind === 's') setNewest(this.#soft, text, epoch)
    else if (kind === 'p') {
      setNewest(this.#prefixes, text, epoch)
      this.#prefixLengths.add(text.length)
    } else if (kind === 'g') {
      const pattern = tryToCompile(text)
      if (pattern === undefined) return
      const others = this.#globs.filter(({ glob }) => glob !== text).slice(1 - MAX_GLOBS)
      this.#globs = [...others, { glob: text, pattern, epoch }]
    }
  }

  #lastEpoch(kind: string, text: string): number | undefined {
    if (kind === 't') return this.#hard.get(text)
    if (kind === 'p') return this.#prefixes.get(text)
    return kind === 'g' ? this.#globs.find(({ glob }) => glob === text)?.epoch : undefined
  }

  /** Tags that were invalidated before count no more: nothing with tags is as old. */
  #raiseBirth(birth: number): void {
    this.#birth = birth
    for (const tags of [this.#hard, this.#soft, this.#prefixes, this.#earlier]) {
      for (const [tag, epoch] of tags) if (epoch < birth) tags.delete(tag)
    }
  }

  #tellOf(members: readonly string[]): void {
    const textsOf = (kind: string) =>
      members.filter((member) => member[0] === kind).map((member) => member.slice(1))
    for (const prefix of textsOf('p')) this.#tell({ kind: 'prefix', prefix })
    for (const pattern of textsOf('g')) this.#tell({ kind: 'pattern', pattern })
    const [hard, soft] = [textsOf('t'), textsOf('s')]
    if (hard.length > 0) this.#tell({ kind: 'tags', tags: hard, soft: false })
    if (soft.length > 0) this.#tell({ kind: 'tags', tags: soft, soft: true })
  }
}

/** Undefined: another release takes what this one does not. Its walk removes the entries all the same. */
function tryToCompile(glob: string): KeyPattern | undefined {
  try {
    return compilePattern(glob)
  } catch {
    return undefined
  }
}

/** Why bounded: those that are too old are taken out of the set, and nobody tells of that. */
function setNewest(epochs: Map<string, number>, text: string, epoch: number): void {
  epochs.delete(text)
  epochs.set(text, epoch)
  if (epochs.size > MAX_MEMBERS) epochs.delete(epochs.keys().next().value as string)
}

/** What ZRANGE WITHSCORES answers, flat from a script, in pairs from the command itself. */
function pairs(answer: readonly unknown[]): [member: string, epoch: number][] {
  if (Array.isArray(answer[0])) {
    return (answer as unknown[][]).map(([member, epoch]) => [String(member), Number(String(epoch))])
  }
  return answer.flatMap((member, index) =>
    index % 2 === 0 ? [[String(member), Number(String(answer[index + 1]))] as const] : [],
  ) as [string, number][]
}
