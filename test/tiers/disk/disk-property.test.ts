/** Random operations on a disk tier and on the model of one: the same answers, and the same keys at the end. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DiskTier } from '../../../src/tiers/disk/disk-tier.js'
import type { TierEntry, TierFinding } from '../../../src/tiers/tier.js'
import { keysOf, Workshop } from './disk-helpers.js'
import { DiskModel, type ModelSeen } from './disk-model.js'

const KEYS = ['', 'a', 'a:1', 'a:2', 'b:1', '\ud83d', '😀', `a:${'x'.repeat(3_000)}`]
const TAGS = ['red', 'blue', 't'.repeat(3_000)]

const key = fc.constantFrom(...KEYS)
const tags = fc.subarray(TAGS)
const lifetimeMs = fc.constantFrom(5, 50, 1_000_000)
const operation = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, tags, lifetimeMs, text: fc.string() }),
  fc.record({ kind: fc.constant('look' as const), key }),
  fc.record({ kind: fc.constant('setSeen' as const), key, tags, lifetimeMs, text: fc.string() }),
  fc.record({ kind: fc.constant('renew' as const), key, lifetimeMs }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('take' as const), key }),
  fc.record({ kind: fc.constant('expire' as const), key }),
  fc.record({ kind: fc.constant('tags' as const), tags, soft: fc.boolean() }),
  fc.record({
    kind: fc.constant('prefix' as const),
    text: fc.constantFrom('', 'a', 'a:', 'b', '\ud83d'),
  }),
  fc.record({
    kind: fc.constant('pattern' as const),
    text: fc.constantFrom('*', 'a:?', '?', '*1'),
  }),
  fc.record({ kind: fc.constant('clear' as const) }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 10, 100) }),
  fc.record({ kind: fc.constant('reopen' as const) }),
)

type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never

class Pair {
  readonly #workshop = new Workshop()
  readonly #model = new DiskModel(() => this.#workshop.host.now())
  readonly #seen = new Map<string, { tier: TierFinding; model: ModelSeen }>()
  #tier: DiskTier | undefined

  async run(operations: readonly Operation[]): Promise<void> {
    try {
      this.#tier = await this.#workshop.open()
      for (const each of operations) {
        await this.#apply(each)
        for (const name of KEYS) {
          expect(plain((await this.#opened.get(name)).entry)).toEqual(plain(this.#model.get(name)))
        }
      }
      expect(await keysOf(this.#opened)).toEqual(this.#model.keys())
      expect(this.#workshop.host.problems).toEqual([])
    } finally {
      await this.#workshop.dispose()
    }
  }

  get #opened(): DiskTier {
    if (this.#tier === undefined) throw new Error('it is not open')
    return this.#tier
  }

  async #apply(each: Operation): Promise<void> {
    const tier = this.#opened
    const model = this.#model
    switch (each.kind) {
      case 'set': {
        const entry = this.#entryOf(each)
        expect(await tier.set(each.key, entry)).toBe(model.set(each.key, entry))
        return
      }
      case 'look':
        this.#seen.set(each.key, { tier: await tier.get(each.key), model: model.see() })
        return
      case 'setSeen': {
        const seen = this.#seen.get(each.key)
        if (seen === undefined) return
        const entry = this.#entryOf(each)
        const stored = await tier.set(each.key, entry, { ifUnchanged: seen.tier })
        expect(stored).toBe(model.set(each.key, entry, seen.model))
        return
      }
      case 'renew': {
        const seen = this.#seen.get(each.key)
        const now = this.#workshop.host.now()
        if (seen?.tier.entry === undefined || seen.tier.entry.expiresAt <= now) return
        const end = now + each.lifetimeMs
        const entry = { ...seen.tier.entry, expiresAt: end, keepUntil: end }
        const stored = await tier.set(each.key, entry, { ifUnchanged: seen.tier, renews: true })
        expect(stored).toBe(model.renew(each.key, entry, seen.model))
        return
      }
      case 'delete':
        expect(await tier.delete([each.key])).toEqual([model.delete(each.key) !== undefined])
        return
      case 'take':
        expect(plain(await tier.take(each.key))).toEqual(plain(model.delete(each.key)))
        return
      case 'expire':
        expect(await tier.expire([each.key])).toEqual([model.expire(each.key)])
        return
      case 'tags':
        await tier.invalidateTags(each.tags, each.soft)
        model.invalidateTags(each.tags, each.soft)
        return
      case 'prefix':
        expect(await tier.deleteByPrefix(each.text)).toBe(model.deletePrefix(each.text))
        return
      case 'pattern':
        expect(await tier.deleteByPattern(each.text)).toBe(model.deletePattern(each.text))
        return
      case 'clear':
        await tier.clear()
        model.clear()
        return
      case 'time':
        this.#workshop.host.clock.advance(each.ms)
        return
      case 'reopen':
        await tier.close()
        this.#tier = await this.#workshop.open()
    }
  }

  #entryOf(of: { text: string; tags: string[]; lifetimeMs: number }): TierEntry {
    const keepUntil = this.#workshop.host.now() + of.lifetimeMs
    return this.#workshop.entry(of.text, { tags: of.tags, keepUntil, expiresAt: keepUntil })
  }
}

function plain(entry: TierEntry | undefined): unknown {
  return entry && { text: String(entry.payload), expiresAt: entry.expiresAt, tags: entry.tags }
}

it('answers as the model does, whatever is done in whatever order', async () => {
  const { HOTSET_SEED, HOTSET_RUNS } = process.env
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 60 }), (operations) =>
    new Pair().run(operations),
  )
  await fc.assert(property, {
    numRuns: Number(HOTSET_RUNS ?? 60),
    ...(HOTSET_SEED !== undefined && { seed: Number(HOTSET_SEED) }),
  })
}, 60_000)
