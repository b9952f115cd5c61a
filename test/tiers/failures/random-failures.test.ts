/**
 * Random operations while Redis fails in random ways, every so often: one cache writes and reads through a proxy,
 * another one reads beside it. What a read answers is what was written last, or nothing.
 */
import { expect, it } from 'vitest'
import { diskTier, redisTier, type TieredCache } from '../../../src/tiers/index.js'
import { Random } from '../../support/random.js'
import { type DelayProxy, startProxy } from '../support/delay-proxy.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import { openCache, temporaryFolder, untilWhole, watchForUnhandled } from './failure-helpers.js'

watchForUnhandled()

const KEYS = Array.from({ length: 12 }, (_, nth) => `${nth % 3}:k${nth}`)
const TAGS = ['even', 'odd']
const PHASES = 14
const STEPS = 12

/** Each turns a failure on, and gives what turns it off. */
type Failure = (server: RedisInstance, proxy: DelayProxy) => Promise<() => Promise<void>>

const failures: Record<string, Failure> = {
  none: async () => async () => undefined,
  held: async (_, proxy) => {
    proxy.hold()
    return async () => proxy.release()
  },
  slow: async (_, proxy) => {
    proxy.delayMs = 150
    return async () => {
      proxy.delayMs = 0
    }
  },
  errors: async (_, proxy) => {
    proxy.replyError = true
    return async () => {
      proxy.replyError = false
    }
  },
  cut: async (_, proxy) => {
    proxy.refuse(true)
    proxy.cut()
    return async () => proxy.refuse(false)
  },
  paused: async (server) => {
    server.pause()
    return async () => server.resume()
  },
  killed: async (server) => {
    await server.kill()
    return () => server.start()
  },
  full: async (server) => {
    await server.run('CONFIG', 'SET', 'maxmemory', '1')
    return async () => void (await server.run('CONFIG', 'SET', 'maxmemory', '0'))
  },
}

/** What was written last; every answer is held against it. */
class Model {
  readonly values = new Map<string, string>()
  #count = 0

  next(key: string): string {
    const value = `${key} #${++this.#count}`
    this.values.set(key, value)
    return value
  }

  check(key: string, answer: string | undefined, what: string): void {
    if (answer !== undefined) expect(`${what}: ${answer}`).toBe(`${what}: ${this.values.get(key)}`)
  }
}

const tagOf = (key: string): string => TAGS[Number(key.slice(3)) % 2]

async function step(
  cache: TieredCache<string>,
  model: Model,
  random: Random,
  name: string,
): Promise<void> {
  const key = random.pick(KEYS)
  const what = (operation: string): string => `${operation} of '${key}' while ${name}`
  switch (random.below(10)) {
    case 0:
    case 1:
      await cache.set(key, model.next(key), { tags: [tagOf(key)], ttl: '1h', grace: '1h' })
      return
    case 2:
      await cache.setMany(KEYS.slice(0, 3).map((one) => [one, model.next(one)] as const))
      return
    case 3:
      model.values.delete(key)
      await cache.delete(key)
      return
    case 4: {
      const loader = async (): Promise<string | undefined> => model.values.get(key)
      const lock = random.chance(0.3) ? 'distributed' : false
      const loaded = await cache.getOrSet(key, loader, { tags: [tagOf(key)], lock })
      model.check(key, loaded, what('getOrSet'))
      return
    }
    case 5: {
      const answers = await cache.getMany(KEYS)
      KEYS.forEach((one, nth) => {
        model.check(one, answers[nth], what(`getMany with '${one}'`))
      })
      return
    }
    case 6: {
      const taken = await cache.take(key)
      model.check(key, taken, what('take'))
      model.values.delete(key)
      return
    }
    case 7: {
      const tag = random.pick(TAGS)
      await cache.invalidateTags(tag)
      for (const one of KEYS) if (tagOf(one) === tag) model.values.delete(one)
      // Why too: those of setMany have no tags.
      await cache.deleteMany(KEYS.filter((one) => tagOf(one) === tag))
      return
    }
    case 8: {
      const prefix = key.slice(0, 2)
      for (const one of KEYS) if (one.startsWith(prefix)) model.values.delete(one)
      await cache.deleteByPrefix(prefix)
      return
    }
    default:
      model.check(key, await cache.get(key), what('get'))
  }
}

it.each([
  [1, false],
  [2, true],
])(
  'answers what was written last, or nothing, whatever fails; and so does everybody after it: seed %d, disk %s',
  async (seed, hasDisk) => {
    const random = new Random(seed)
    const server = await startRedis({ appendOnly: true, policy: 'noeviction' })
    const proxy = await startProxy(server.port)
    const guard = {
      timeout: '100ms',
      scanTimeout: '200ms',
      retry: { backoff: '2ms' },
      breaker: { failures: 3, halfOpenAfter: '50ms' },
    }
    const disk = hasDisk ? [diskTier({ path: `${temporaryFolder()}/cache.lmdb` })] : []
    const opened = await openCache(
      [...disk, redisTier({ url: proxy.url, pingInterval: '150ms' })],
      {
        guards: { redis: guard },
        disconnectedTtl: '300ms',
      },
    )
    const other = await openCache([redisTier({ url: server.url, pingInterval: '150ms' })])
    const { cache } = opened
    const model = new Model()
    for (let phase = 0; phase < PHASES; phase++) {
      const name = random.pick(Object.keys(failures))
      const end = await failures[name](server, proxy)
      for (let nth = 0; nth < STEPS; nth++) {
        await step(cache, model, random, name)
        await other.cache.get(random.pick(KEYS))
      }
      await end()
      for (let nth = 0; nth < STEPS / 2; nth++) await step(cache, model, random, `${name} is over`)
    }
    await Promise.all([untilWhole(opened), untilWhole(other)])
    await cache.drain()
    const answers = await cache.getMany(KEYS)
    KEYS.forEach((key, nth) => {
      model.check(key, answers[nth], `'${key}' at the end`)
    })
    const second = await openCache([redisTier({ url: server.url })])
    const found = await second.cache.getMany(KEYS)
    KEYS.forEach((key, nth) => {
      model.check(key, found[nth], `'${key}' for somebody new`)
    })
    await waitUntil('the other has heard of all', async () => {
      const theirs = await other.cache.getMany(KEYS)
      return KEYS.every(
        (key, nth) => theirs[nth] === undefined || theirs[nth] === model.values.get(key),
      )
    })
  },
  120_000,
)
