/**
 * What concerns many entries without naming them: walks by SCAN on every node, in batches, never KEYS.
 *
 * 1. A deletion by prefix or pattern is recorded as an invalidation first, so that it holds at once, for loads
 *    under way and other processes too. The walk then removes what is older, to give its memory back.
 * 2. A walk finds every entry that is there from its begin to its end; others it may find or not.
 */
import { compilePattern } from '../../cache/key-pattern.js'
import { allSettled } from './all-settled.js'
import type { Context } from './context.js'
import type { Entries } from './entries.js'
import type { Member } from './invalidations.js'
import type { Sender } from './link.js'
import { SWEEP } from './scripts.js'
import { HEAD_BYTES } from './stored-entry.js'

const SCAN_COUNT = '500'

export class Sweeps {
  readonly #context: Context
  readonly #entries: Entries

  constructor(context: Context, entries: Entries) {
    this.#context = context
    this.#entries = entries
  }

  deleteByPrefix(prefix: string): Promise<number> {
    return this.#delete({ kind: 'p', text: prefix }, prefix, () => true)
  }

  async deleteByPattern(glob: string): Promise<number> {
    const pattern = compilePattern(glob)
    return this.#delete({ kind: 'g', text: glob }, pattern.prefix, pattern.test)
  }

  async clear(): Promise<void> {
    await this.deleteByPrefix('')
  }

  async *keys(prefix = ''): AsyncIterable<string> {
    for await (const found of this.#walk(prefix)) {
      const heads = await this.#entries.read(found.map(({ name }) => this.#entries.headOf(name)))
      for (const [index, { key }] of found.entries()) {
        if (this.#entries.wasFound(key, heads[index])) yield key
      }
    }
  }

  async #delete(
    member: Member,
    prefix: string,
    matches: (key: string) => boolean,
  ): Promise<number> {
    const { link, news } = this.#context
    const epoch = await this.invalidate([member])
    const args = [String(HEAD_BYTES), String(epoch)]
    let count = 0
    for await (const batch of this.#walk(prefix)) {
      const found = batch.filter(({ key }) => matches(key))
      for (const { name } of found) news.disown(name)
      const heads = await allSettled(found.map(({ name }) => SWEEP.run(link, [name], args)))
      count += found.filter(({ key }, index) =>
        this.#entries.wasFound(key, heads[index], epoch),
      ).length
    }
    return count
  }

  /** @returns the epoch */
  invalidate(members: readonly Member[]): Promise<number> {
    const { invalidations, names, news, settings } = this.#context
    const channel = settings.news === 'pubsub' ? names.channel : ''
    return invalidations.invalidate(members, channel, news.invalidationMessage())
  }

  /** All entries whose keys begin so, a batch at a time. */
  async *#walk(prefix: string): AsyncIterable<{ key: string; name: string }[]> {
    const { link, names } = this.#context
    for (const node of await link.nodes()) {
      let cursor = '0'
      do {
        const { next, found } = await scan(node, cursor, names.match(prefix))
        cursor = next
        const batch = found.flatMap((name) => {
          const key = names.keyOf(name)
          return key?.startsWith(prefix) ? [{ key, name }] : []
        })
        if (batch.length > 0) yield batch
      } while (cursor !== '0')
    }
  }
}

async function scan(node: Sender, cursor: string, match: string) {
  const args = ['SCAN', cursor, 'MATCH', match, 'COUNT', SCAN_COUNT]
  const [next, found] = (await node.send(undefined, args)) as [unknown, unknown[]]
  return { next: String(next), found: found.map(String) }
}
