/** Random operations on two tiers of one server, taken in turn, against a model: each answer is the model's. */
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import type { TierFinding } from '../../../src/tiers/tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { type Look, TierModel } from './model.js'
import { entryOf, listKeys, MINUTE_MS, openTier, RecordingHost, textOf } from './tier-helpers.js'

const KEYS = ['a', 'ab', 'b', '}', 'c*']
const TAGS = ['x', 'y', 'z']
const RUNS = 100

/** Why: they have to come after each other, of the same key. */
const often = <One>(arbitrary: fc.Arbitrary<One>) => ({ weight: 3, arbitrary })

const key = fc.constantFrom(...KEYS)
const tags = fc.subarray(TAGS)
const operation = fc.oneof(
  fc.record({ op: fc.constant('get' as const), key }),
  fc.record({ op: fc.constant('getMany' as const), keys: fc.shuffledSubarray(KEYS) }),
  often(fc.record({ op: fc.constant('look' as const), key })),
  often(fc.record({ op: fc.constant('load' as const), key, tags })),
  often(fc.record({ op: fc.constant('renew' as const), key })),
  often(fc.record({ op: fc.constant('set' as const), key, tags })),
  fc.record({ op: fc.constant('delete' as const), keys: fc.shuffledSubarray(KEYS) }),
  fc.record({ op: fc.constant('take' as const), key }),
  fc.record({ op: fc.constant('expire' as const), keys: fc.shuffledSubarray(KEYS) }),
  fc.record({ op: fc.constant('invalidateTags' as const), tags, soft: fc.boolean() }),
  fc.record({ op: fc.constant('deleteByPrefix' as const), text: fc.constantFrom('', 'a', '}') }),
  fc.record({
    op: fc.constant('deleteByPattern' as const),
    text: fc.constantFrom('?', '*b', 'c\\*'),
  }),
  fc.record({ op: fc.constant('keys' as const) }),
)
type Operation = typeof operation extends fc.Arbitrary<infer One> ? One : never
type Looks = Map<string, { model: Look } & TierFinding>

let redis: RedisInstance

beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

it.each(['tracking', 'pubsub', false] as const)(
  'answers as the model does, with news: %s',
  async (news) => {
    const host = new RecordingHost()
    let round = 0
    const lists = fc.array(fc.tuple(operation, fc.boolean()), { maxLength: 40, size: 'max' })
    const property = fc.asyncProperty(lists, async (list) => {
      const prefix = `${news}:${++round}:`
      const { tier: one } = await openTier({ url: redis.url, prefix, news }, host)
      const { tier: two } = await openTier({ url: redis.url, prefix, news }, host)
      const model = new TierModel()
      const looks: Looks = new Map()
      for (const [index, [step, isSecond]] of list.entries()) {
        const [answer, expected] = await run(
          step,
          isSecond ? two : one,
          model,
          looks,
          String(index),
        )
        expect(answer, `${index}: ${JSON.stringify(step)}`).toEqual(expected)
      }
      await Promise.all([one.close(), two.close()])
    })
    const { HOTSET_SEED, HOTSET_RUNS } = process.env
    await fc.assert(property, {
      numRuns: Number(HOTSET_RUNS ?? RUNS),
      ...(HOTSET_SEED !== undefined && { seed: Number(HOTSET_SEED) }),
    })
    expect(host.problems).toEqual([])
  },
)

async function run(
  step: Operation,
  tier: RedisTier,
  model: TierModel,
  looks: Looks,
  text: string,
): Promise<[answer: unknown, expected: unknown]> {
  switch (step.op) {
    case 'get':
      return [await find(tier, step.key), model.get(step.key)]
    case 'getMany': {
      const findings = await tier.getMany(step.keys)
      const texts = findings.map(({ entry }) => textOf(entry))
      return [texts, step.keys.map((one) => model.get(one)?.text)]
    }
    case 'look': {
      const { seen, entry } = await tier.get(step.key)
      looks.set(step.key, { model: model.look(step.key), seen, entry })
      return [textOf(entry), model.get(step.key)?.text]
    }
    case 'load': {
      const look = looks.get(step.key)
      if (look === undefined) return [undefined, undefined]
      const entry = entryOf(text, { tags: step.tags })
      const isStored = await tier.set(step.key, entry, { ifUnchanged: { seen: look.seen } })
      const expected = model.load(step.key, text, step.tags, look.model)
      if (!expected) await forget(step.key, tier, model)
      return [isStored, expected]
    }
    case 'renew': {
      const { model: look, entry, seen } = looks.get(step.key) ?? {}
      if (look === undefined || entry === undefined || entry.expiresAt <= Date.now()) {
        return [undefined, undefined]
      }
      const isStored = await tier.set(
        step.key,
        {
          ...entry,
          expiresAt: entry.expiresAt + MINUTE_MS,
          keepUntil: entry.keepUntil + MINUTE_MS,
        },
        { ifUnchanged: { seen }, renews: true },
      )
      const expected = model.renew(step.key, textOf(entry) as string, entry.tags, look)
      if (!expected) await forget(step.key, tier, model)
      return [isStored, expected]
    }
    case 'set':
      model.set(step.key, text, step.tags)
      return [await tier.set(step.key, entryOf(text, { tags: step.tags })), true]
    case 'delete':
      return [await tier.delete(step.keys), step.keys.map((one) => model.delete(one))]
    case 'take': {
      const expected = model.get(step.key)?.text
      model.delete(step.key)
      return [textOf(await tier.take(step.key)), expected]
    }
    case 'expire':
      return [await tier.expire(step.keys), step.keys.map((one) => model.expire(one))]
    case 'invalidateTags':
      if (step.tags.length > 0) model.invalidateTags(step.tags, step.soft)
      return [await tier.invalidateTags(step.tags, step.soft), undefined]
    case 'deleteByPrefix':
      return [await tier.deleteByPrefix(step.text), model.deleteByPrefix(step.text)]
    case 'deleteByPattern':
      return [await tier.deleteByPattern(step.text), model.deleteByPattern(step.text)]
    case 'keys':
      return [await listKeys(tier), model.keys()]
  }
}

/**
 * After a refusal. Why: who has not heard of an invalidation yet stores, and then finds its own value gone, with what
 * was there before. That costs a miss, and whether it does depends on when the news comes.
 */
async function forget(name: string, tier: RedisTier, model: TierModel): Promise<void> {
  await tier.delete([name])
  model.delete(name)
}

async function find(tier: RedisTier, name: string): Promise<unknown> {
  const { entry } = await tier.get(name)
  if (entry === undefined) return undefined
  return { text: textOf(entry), isStale: entry.expiresAt <= Date.now() }
}
