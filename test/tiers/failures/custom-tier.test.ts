/** A tier of somebody else's that throws, never answers, or answers what is no answer: the cache goes on without it. */
import { expect, it, onTestFinished } from 'vitest'
import { memoryTier, type Tier, type TierEntry, TieredCache } from '../../../src/tiers/index.js'
import { ScriptedTier } from '../support/scripted-tier.js'
import {
  everyCall,
  Log,
  openCache,
  QUICK_GUARD,
  rejectionsOf,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

const METHODS = [
  ...['get', 'getMany', 'set', 'setMany', 'delete', 'take', 'expire', 'invalidateTags'],
  ...['deleteByPrefix', 'deleteByPattern', 'keys', 'clear', 'lease', 'leaseEnd', 'close', 'stats'],
] as const

const GUARD = { ...QUICK_GUARD, timeout: '50ms', scanTimeout: '50ms', breaker: false } as const

/** A tier whose every method does this. */
function tierThat(does: (method: string) => unknown): Tier {
  const tier: Record<string, unknown> = { name: 'custom', open: async () => undefined }
  for (const method of METHODS) tier[method] = () => does(method)
  return tier as unknown as Tier
}

const iterableOf = (next: () => unknown, more: object = {}) => ({
  [Symbol.asyncIterator]: () => ({ next, ...more }),
})
const entry = (changes: object): TierEntry =>
  ({
    payload: Buffer.from('x'),
    createdAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    keepUntil: Number.POSITIVE_INFINITY,
    tags: [],
    ...changes,
  }) as TierEntry
const answering = (value: unknown) => async () => value
const finding = (changes: object) => (method: string) => {
  const found = { entry: entry(changes), seen: 1 }
  if (method === 'take') return Promise.resolve(found.entry)
  return Promise.resolve(method === 'getMany' ? [found, found] : found)
}
const throwing = (): never => {
  throw new Error('custom')
}

const wrongs: [string, (method: string) => unknown][] = [
  ['throws', throwing],
  ['rejects', () => Promise.reject(new Error('custom'))],
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['never answers', () => new Promise(() => undefined)],
  ['answers undefined', (method) => (method === 'lease' ? throwing() : Promise.resolve())],
  ['answers null', answering(null)],
  ['answers text', answering('text')],
  ['answers a number', answering(7)],
  ['answers lists of nothing', answering([undefined, null])],
  ['answers an empty object', answering({})],
  ['answers at once, without a promise', () => 'text'],
  ['has findings whose payload is no payload', finding({})],
  ['has findings whose tags are none', finding({ tags: [1, {}] })],
  [
    'has findings without times',
    finding({ expiresAt: undefined, keepUntil: undefined, createdAt: undefined }),
  ],
  ['has findings with times that are none', finding({ expiresAt: Number.NaN, keepUntil: 'never' })],
  ['has stale findings with times that are none', finding({ expiresAt: 1, keepUntil: Number.NaN })],
  [
    'has absent findings with times that are none',
    finding({ absent: true, expiresAt: 'never', keepUntil: {} }),
  ],
  ['has findings whose validator is none', finding({ absent: true, validator: 7 })],
  ['has findings whose sliding lifetime is none', finding({ slidingTtlMs: 'x' })],
  ['has findings whose lifetimes above are none', finding({ ttlMsAbove: { memory: 'x' } })],
  ['has findings whose lifetimes above are no list', finding({ ttlMsAbove: 7 })],
  [
    'gives keys that are none',
    (method) =>
      method === 'keys' ? iterableOf(async () => ({ done: false, value: 7 })) : throwing(),
  ],
  [
    'has steps of keys that are none',
    (method) => (method === 'keys' ? iterableOf(async () => undefined) : throwing()),
  ],
  [
    'throws as the walk over its keys ends',
    (method) => (method === 'keys' ? iterableOf(async () => 7, { return: throwing }) : throwing()),
  ],
  [
    'gives leases that cannot be given back',
    (method) =>
      method === 'lease'
        ? Promise.resolve({ key: 'k', fencingToken: 1, release: throwing })
        : throwing(),
  ],
  [
    'gives leases that are never given back',
    (method) =>
      method === 'lease'
        ? Promise.resolve({
            key: 'k',
            fencingToken: 1,
            release: () => new Promise(() => undefined),
          })
        : throwing(),
  ],
]

it.each(wrongs)(
  'serves from memory and the loader beside a tier that %s',
  async (_, does) => {
    const opened = await openCache([tierThat(does)], { guards: { custom: GUARD } })
    const { cache } = opened
    await cache.set('above', 'in memory')
    expect(await cache.get('above')).toBe('in memory')
    expect(await cache.getOrSet('below', async () => 'loaded', { grace: '1h' })).toBe('loaded')
    expect(await cache.getOrSet('locked', async () => 'loaded', { lock: 'distributed' })).toBe(
      'loaded',
    )
    const skip = async (context: { skip(): void }): Promise<string> => {
      context.skip()
      return 'skipped'
    }
    const skipping = cache.getOrSet('skipped', skip, { lock: 'distributed' })
    expect(await skipping).toBe('skipped')
    const failing = cache.getOrSet('failing', () => Promise.reject(new Error('loader')), {
      lock: 'distributed',
    })
    await expect(failing).rejects.toThrow('loader')
    const { clear, ...others } = everyCall(cache, 'x:')
    expect(await rejectionsOf({ clear, ...others })).toEqual([])
    expect(() => cache.stats()).not.toThrow()
    await cache.drain()
    await cache.close()
  },
  30_000,
)

it('does not wait for ever for a tier that is never open, or cannot be opened, and tells why', async () => {
  for (const open of [() => new Promise<void>(() => undefined), throwing]) {
    const tier = Object.assign(new ScriptedTier(), { open })
    const cache = new TieredCache<string>({
      tiers: [memoryTier({ maxBytes: '1mb' }), tier],
      guards: { scripted: GUARD },
    })
    onTestFinished(() => cache.close())
    const log = new Log(cache)
    expect(await cache.set('key', 'value')).toMatchObject({ tiers: { scripted: 'failed' } })
    expect(await cache.get('key')).toBe('value')
    expect(await cache.getOrSet('other', async () => 'loaded')).toBe('loaded')
    expect(log.names()).toEqual(expect.arrayContaining(['tier-error', 'write-failed']))
    if (open === throwing) await expect(cache.ready()).rejects.toThrow('custom')
    expect(tier.calls).toEqual([])
  }
}, 30_000)

it('waits for a lease that is always taken without keeping the process busy', async () => {
  let asked = 0
  const does = async (method: string): Promise<unknown> => {
    if (method === 'lease') asked++
    if (method === 'get') return { entry: undefined, seen: 1 }
    return undefined
  }
  const { cache } = await openCache([tierThat(does)], { guards: { custom: GUARD } })
  const locked = { lock: 'distributed', hardTimeout: '100ms' } as const
  await expect(cache.getOrSet('key', async () => 'loaded', locked)).rejects.toMatchObject({
    code: 'ERR_HOTSET_LOADER_TIMEOUT',
  })
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThan(100)
}, 30_000)

it('goes on where a listener throws, whatever it is told of', async () => {
  const { cache } = await openCache([tierThat(throwing)], { guards: { custom: GUARD } })
  for (const name of ['tier-error', 'write-failed', 'tier-down'] as const)
    cache.events.on(name, throwing)
  expect(await cache.set('key', 'value')).toMatchObject({ tiers: { custom: 'failed' } })
  expect(await cache.getOrSet('other', async () => 'loaded')).toBe('loaded')
})
