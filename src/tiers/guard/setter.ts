/**
 * Sets through a guard: writes, which have their order and their repair, and fills (`ifUnchanged`), which need
 * neither: they store nothing where the key was written meanwhile, and their failure leaves the key as it was.
 * A fill of what is hidden is refused: what was written last has not arrived, so the tier cannot know of it.
 */
import type { TierEntry, TierItem, TierSetOptions } from '../tier.js'
import type { AnswerChecks } from './answers.js'
import type { KeyWriter } from './key-writes.js'
import { type GuardParts, isHidden } from './parts.js'
import { HIDDEN } from './reader.js'

/**
 * 'refused': the key had changed (`ifUnchanged`), the tier is full, or a newer write has taken its place.
 * 'failed': the tier may or may not have done it; its copy is hidden until it is repaired.
 */
export type WriteOutcome = 'stored' | 'refused' | 'failed'

type Send = (items: TierItem[]) => Promise<boolean[]>

export class GuardedSetter {
  readonly #parts: GuardParts
  readonly #keys: KeyWriter
  readonly #checks: AnswerChecks

  constructor(parts: GuardParts, keys: KeyWriter, checks: AnswerChecks) {
    this.#parts = parts
    this.#keys = keys
    this.#checks = checks
  }

  async set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<WriteOutcome> {
    const send: Send = async () => [await this.#parts.tier.set(key, entry, options)]
    const [outcome] = await this.#all('set', [{ key, entry, options }], send)
    return outcome
  }

  setMany(items: readonly TierItem[]): Promise<WriteOutcome[]> {
    return this.#all('setMany', items, (asked) => this.#parts.tier.setMany(asked))
  }

  async #all(operation: string, items: readonly TierItem[], send: Send): Promise<WriteOutcome[]> {
    const checked: Send = async (asked) =>
      this.#checks.flags(operation, await send(asked), asked.length)
    const isFill = ({ options }: TierItem): boolean => options?.ifUnchanged !== undefined
    const fills = items.filter(isFill)
    if (fills.length === items.length) return this.#fill(operation, items, checked)
    if (fills.length === 0) return this.#write(operation, items, checked)
    const writes = items.filter((item) => !isFill(item))
    const [filled, written] = await Promise.all([
      this.#fill(operation, fills, checked),
      this.#write(operation, writes, checked),
    ])
    let fillIndex = 0
    let writeIndex = 0
    return items.map((item) => (isFill(item) ? filled[fillIndex++] : written[writeIndex++]))
  }

  async #fill(operation: string, items: readonly TierItem[], send: Send): Promise<WriteOutcome[]> {
    const open = items.filter(
      ({ key, entry, options }) =>
        options?.ifUnchanged?.seen !== HIDDEN && !isHidden(this.#parts, key, entry.tags),
    )
    const { caller, options } = this.#parts
    if (open.length === 0) return items.map(() => 'refused')
    const result = await caller.call({
      operation,
      kind: 'write',
      timeoutMs: options.timeoutMs,
      attempt: () => send(open),
    })
    const outcomes = new Map<TierItem, WriteOutcome>()
    open.forEach((item, index) => {
      outcomes.set(item, result.isDone ? outcomeOf(result.value[index]) : 'failed')
    })
    return items.map((item) => outcomes.get(item) ?? 'refused')
  }

  async #write(operation: string, items: readonly TierItem[], send: Send): Promise<WriteOutcome[]> {
    const written = await this.#keys.write({
      operation,
      kind: 'write',
      writes: items.map(({ key, entry, options }) => ({
        key,
        // Why: one under a lease may be refused, and what was there before would count again.
        replaces: options?.lease === undefined,
        tags: entry.tags,
      })),
      send: (places) => send(places.map((place) => items[place])),
      isReplaced: (isStored) => isStored,
    })
    return written.map((answer) =>
      answer.outcome === 'done' ? outcomeOf(answer.answer) : answer.outcome,
    )
  }
}

function outcomeOf(isStored: boolean): WriteOutcome {
  return isStored ? 'stored' : 'refused'
}
