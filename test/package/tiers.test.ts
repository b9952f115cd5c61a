/**
 * `hotset/tiers` as somebody else gets it: without the optional packages and with them. As package.test.ts.
 */
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startRedis } from '../tiers/support/redis-instance.js'
import { type Consumer, createConsumer, ROOT } from './consumer.js'

const TIERS_APP = `
import { HotsetError } from 'hotset'
import { diskTier, memoryTier, redisTier, TieredCache, writeBehind } from 'hotset/tiers'
const cache = new TieredCache({ tiers: [memoryTier({ maxBytes: '4mb' })], ttl: '5m' })
const loaded = await cache.getOrSet('a', async ({ key, setTags }) => {
  setTags(['t'])
  return new Map([[key, 1]])
})
await cache.invalidateTags('t')
const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:1'
const ready = {}
for (const [name, options] of Object.entries({
  disk: { tiers: [memoryTier(), diskTier({ path: './cache.lmdb' })] },
  redis: { tiers: [memoryTier(), redisTier({ url })] },
  behind: { store: writeBehind({ load() {}, save() {}, remove() {} }, { journal: './journal' }) },
})) {
  const other = new TieredCache(options)
  try {
    await other.ready()
    const { tiers } = await other.set('a', 1)
    other.memory.clear()
    ready[name] = [tiers, (await other.get('a')) ?? null]
  } catch (error) {
    ready[name] = error instanceof HotsetError ? [error.code, error.message] : String(error)
  }
  await other.close()
}
console.log(JSON.stringify({ loaded: [...loaded], left: await cache.get('a') ?? null, ready }))
await cache.close()
`

const TIERS_TYPED = `
import {
  AccessDeniedError, EventFieldError, JournalCorruptError, JournalError, JournalFullError,
  JournalLockedError, PayloadError, TieredCache, WriteBehindWriter, diskTier, lifetimes, memoryTier,
  redisTier, writeAround, writeBehind, writeThrough,
  type AccessRule, type CompressionOptions, type DeadLetter, type DeleteResult, type DiskTierOptions,
  type EncryptionOptions, type EntryOptions, type EventRule, type FlushResult, type GetOrSetCallOptions,
  type GuardOptions, type MemoryTierOptions, type PayloadOptions, type ProfileOptions,
  type RedisTierOptions, type Store, type StoreWriter, type Tier, type TierEntry, type TierEvents,
  type TieredCacheOptions, type TieredEntry, type TieredLoader, type TieredLoaderContext,
  type TieredStats, type WriteBehindOptions, type WriteResult,
} from 'hotset/tiers'

interface User { id: number }
const store: Store<User> = { load: (key) => ({ id: key.length }), save() {}, remove() {} }
const options: TieredCacheOptions<User> = {
  tiers: [
    memoryTier<User>({ maxBytes: '4mb' }),
    diskTier({ path: './cache.lmdb', maxBytes: '1gb' }),
    redisTier({ url: 'redis://localhost', news: 'pubsub' }),
  ],
  ttl: { memory: '1m', redis: '1h' },
  profiles: { 'static:*': { extends: 'static' } },
  guards: { redis: { timeout: '200ms', breaker: { failures: 3 } } },
  store: writeThrough(store),
}
await using cache = new TieredCache<User>(options)
const user: User | undefined = await cache.get('a')
const loaded: User = await cache.getOrSet('b', async ({ key, signal, stale, setTags, notModified }) => {
  signal.throwIfAborted()
  setTags(['t'])
  return stale === undefined ? { id: key.length } : notModified()
}, { grace: '1h', timeout: '200ms', signal: new AbortController().signal })
const maybe: User | undefined = await cache.getOrSet('c', () => undefined, { negativeTtl: '5s' })
const entry: TieredEntry<User> | undefined = await cache.getEntry('a')
const written: WriteResult = await cache.set('a', { id: 1 }, { tags: ['t'], dependsOn: ['b'] })
const deleted: DeleteResult = await cache.deleteByPattern('a*')
const rule: EventRule = { tag: 'user:{id}' }
const off: () => void = cache.on('user.updated', [rule, 'user:{id}'], { soft: true })
cache.events.on('write-failed', ({ tier, keys }) => console.log(tier.length, keys.length))
const behind: WriteBehindWriter<User> = writeBehind(store, { journal: './journal' })
for await (const { key, value } of behind.deadLetters()) console.log(key, value?.id)
for await (const key of cache.keys('a')) console.log(key.length)
// @ts-expect-error: not a User
await cache.set('a', { id: 'one' })
// @ts-expect-error: no such option
new TieredCache({ maxBytes: '4mb' })
// @ts-expect-error: no such event
cache.events.on('tier-gone', () => {})
// @ts-expect-error: a path is needed
diskTier({})
export const all: unknown[] = [
  user, loaded, maybe, entry, written, deleted, off, behind, lifetimes, writeAround, AccessDeniedError,
  EventFieldError, JournalCorruptError, JournalError, JournalFullError, JournalLockedError, PayloadError,
]
export type All = [
  AccessRule, CompressionOptions, DeadLetter<User>, DiskTierOptions, EncryptionOptions, EntryOptions,
  FlushResult, GetOrSetCallOptions, GuardOptions, MemoryTierOptions, PayloadOptions, ProfileOptions,
  RedisTierOptions, StoreWriter<User>, Tier, TierEntry, TierEvents, TieredLoader<User>,
  TieredLoaderContext<User>, TieredStats, WriteBehindOptions<User>,
]
`

const TYPES = {
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  lib: ['es2023', 'esnext.disposable'],
}

let consumer: Consumer

beforeAll(() => {
  consumer = createConsumer()
})

afterAll(() => {
  consumer?.remove()
})

describe('tiers without the optional packages', () => {
  it('work in memory, and the others say which package they need', () => {
    consumer.write('tiers.js', TIERS_APP)
    const missing = (neededBy: string, name: string) => [
      'ERR_HOTSET_MISSING_PACKAGE',
      `${neededBy} needs the package '${name}': npm install ${name}`,
    ]
    expect(JSON.parse(consumer.node('tiers.js'))).toEqual({
      loaded: [['a', 1]],
      left: null,
      ready: {
        disk: missing('diskTier', 'lmdb'),
        redis: missing('redisTier', 'redis'),
        behind: missing('writeBehind', 'lmdb'),
      },
    })
  })

  // Why not the libraries: what they say of Redis is said in the words of its package.
  it('are typed, libraries not checked', () => {
    expect(consumer.checkTypes('tiers', TIERS_TYPED, { ...TYPES, skipLibCheck: true })).toBe('')
  })
})

describe('tiers beside the optional packages', () => {
  beforeAll(() => {
    for (const name of ['lmdb', 'redis']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(consumer.folder, 'node_modules', name))
    }
  })

  afterAll(() => {
    for (const name of ['lmdb', 'redis']) rmSync(join(consumer.folder, 'node_modules', name))
  })

  it('work on disk, in Redis and with write-behind', async () => {
    await using redis = await startRedis()
    consumer.write('tiers.js', TIERS_APP)
    vi.stubEnv('REDIS_URL', redis.url)
    const printed = consumer.node('tiers.js')
    vi.unstubAllEnvs()
    expect(JSON.parse(printed).ready).toEqual({
      disk: [{ memory: 'stored', disk: 'stored' }, 1],
      redis: [{ memory: 'stored', redis: 'stored' }, 1],
      behind: [{ memory: 'stored' }, 1],
    })
  })

  it('are typed, libraries checked', () => {
    expect(consumer.checkTypes('peers', TIERS_TYPED, TYPES)).toBe('')
  })
})
