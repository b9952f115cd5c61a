/**
 * Entries in Redis and on disk that this cache cannot read: written with another codec, compression or key, or
 * with a byte changed. Each is a miss and an event, and the loader's value takes its place.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'lmdb'
import { expect, it } from 'vitest'
import {
  diskTier,
  memoryTier,
  redisTier,
  type Tier,
  type TieredCacheOptions,
} from '../../../src/tiers/index.js'
import { decodeRecord, encodeRecord } from '../../../src/tiers/record/record.js'
import { EXPIRES_AT_OFFSET } from '../../../src/tiers/redis/stored-entry.js'
import { damaged } from '../record/damage.js'
import { readRaw, writeRaw } from '../support/raw-values.js'
import { startRedis } from '../support/redis-instance.js'
import { openCache, temporaryFolder, watchForUnhandled } from './failure-helpers.js'

watchForUnhandled()

const SECRET = Buffer.alloc(32, 1)
const OTHER_SECRET = Buffer.alloc(32, 2)
/** Of an entry in Redis. */
const HEADER_BYTES = EXPIRES_AT_OFFSET - 12
/** Of a payload: where its compression and the type of its value stand. */
const COMPRESSION_AT = 1
const TYPE_AT = 2

type Options = Omit<TieredCacheOptions<string>, 'tiers'>
const encrypted = (id: string, key: Buffer): Options => ({
  encryption: { keys: { [id]: key }, current: id },
})

/** Makes a lower tier for a cache that is opened for the n-th time. */
const makers: Record<string, () => Promise<() => Tier>> = {
  redis: async () => {
    const { url } = await startRedis()
    return () => redisTier({ url })
  },
  disk: async () => {
    const path = `${temporaryFolder()}/cache.lmdb`
    return () => diskTier({ path })
  },
}

async function expectReplaced(
  tier: () => Tier,
  options: Options,
  key: string,
  reason?: string,
): Promise<void> {
  const { cache, log } = await openCache([tier()], options)
  expect(await cache.get(key)).toBeUndefined()
  expect(await cache.getMany([key])).toEqual([undefined])
  const { name } = tier()
  expect(log.of('corrupt')[0]).toMatchObject({ tier: name, key })
  if (reason !== undefined) expect(log.of('corrupt')[0].error).toMatchObject({ reason })
  expect(cache.stats().tiers[name].hits).toBe(0)
  expect(await cache.getOrSet(key, async () => 'loaded')).toBe('loaded')
  await cache.drain()
  cache.memory.clear()
  expect(await cache.get(key)).toBe('loaded')
  await cache.close()
}

for (const [name, make] of Object.entries(makers)) {
  it.each<[string, Options, Options]>([
    ['encrypted with a key of an unknown id', encrypted('a', SECRET), encrypted('b', SECRET)],
    [
      'encrypted with another key of the same id',
      encrypted('a', SECRET),
      encrypted('a', OTHER_SECRET),
    ],
    ['encrypted, where there are no keys', encrypted('a', SECRET), {}],
    ['plain, where there are keys', {}, encrypted('a', SECRET)],
  ])(
    `misses in ${name} what was written ${'%s'}`,
    async (_, written, read) => {
      const tier = await make()
      const writer = await openCache([tier()], written)
      await writer.cache.set('key', 'secret')
      await writer.cache.close()
      await expectReplaced(tier, read, 'key')
    },
    30_000,
  )
}

const damages: [string, (payload: Buffer) => void][] = [
  ['has an unknown version', (payload) => payload.writeUInt8(99, 0)],
  ['has an unknown compression', (payload) => payload.writeUInt8(99, COMPRESSION_AT)],
  ['has a value of an unknown type', (payload) => payload.writeUInt8(99, TYPE_AT)],
  ['is empty', () => undefined],
]

it.each(damages)(
  'misses in Redis a payload that %s, whatever the record around it says',
  async (name, change) => {
    const server = await startRedis()
    const tier = () => redisTier({ url: server.url })
    const writer = await openCache([tier()])
    await writer.cache.set('key', 'value')
    const stored = await readRaw(server, 'hotset:cache:{key}')
    const entry = decodeRecord(stored.subarray(HEADER_BYTES))
    const payload = name === 'is empty' ? Buffer.alloc(0) : Buffer.from(entry.payload)
    change(payload)
    const record = encodeRecord({ ...entry, payload })
    await writeRaw(
      server,
      'hotset:cache:{key}',
      Buffer.concat([stored.subarray(0, HEADER_BYTES), record]),
    )
    await expectReplaced(tier, {}, 'key')
  },
  30_000,
)

it('misses a value of another codec, and gives none of its bytes as another value', async () => {
  const server = await startRedis()
  const tier = () => redisTier({ url: server.url })
  const codec = {
    encode: (value: string) => Buffer.from(`custom:${value}`),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString().slice(7),
  }
  const writer = await openCache([], {
    tiers: [memoryTier<string>({ maxBytes: '1mb', codec }), tier()],
  })
  await writer.cache.set('key', 'value')
  await expectReplaced(tier, {}, 'key')
}, 30_000)

it.each<[string, Options]>([
  ['a plain', {}],
  ['an encrypted', encrypted('a', SECRET)],
])(
  'misses %s entry in Redis of which any byte was changed, cut off or added, and tells it',
  async (_, options) => {
    const server = await startRedis()
    const { cache, log } = await openCache([redisTier({ url: server.url })], options)
    await cache.set('key', 'some value', { tags: ['tag'] })
    const stored = await readRaw(server, 'hotset:cache:{key}')
    cache.memory.clear()
    let told = 0
    for (const { bytes, how } of damaged(stored)) {
      await writeRaw(server, 'hotset:cache:{key}', bytes)
      expect(await cache.get('key'), how).toBeUndefined()
      expect(await cache.getMany(['key']), how).toEqual([undefined])
      told += 2
      expect(log.of('corrupt').length, how).toBe(told)
    }
    const { hits, misses } = cache.stats().tiers.redis
    expect({ hits, misses }).toEqual({ hits: 0, misses: told })
    await writeRaw(server, 'hotset:cache:{key}', stored)
    expect(await cache.get('key')).toBe('some value')
  },
  60_000,
)

it('stores what was loaded over an entry in Redis of which any byte was changed', async () => {
  const server = await startRedis()
  const { cache } = await openCache([redisTier({ url: server.url })])
  await cache.set('key', 'some value')
  const stored = await readRaw(server, 'hotset:cache:{key}')
  const broken = [stored.subarray(0, 1), stored.subarray(0, -1)]
  for (let at = 0; at < stored.length; at++) {
    const changed = Buffer.from(stored)
    changed[at] ^= 1 << (at % 8)
    broken.push(changed)
  }
  const keys = broken.map((_, nth) => `b${nth}`)
  for (const [nth, bytes] of broken.entries()) {
    await writeRaw(server, `hotset:cache:{${keys[nth]}}`, bytes)
  }
  for (const key of keys) expect(await cache.getOrSet(key, async () => 'loaded')).toBe('loaded')
  await cache.drain()
  cache.memory.clear()
  expect(await cache.getMany(keys)).toEqual(keys.map(() => 'loaded'))
}, 30_000)

it('misses an entry on disk of which a byte was changed', async () => {
  const path = `${temporaryFolder()}/cache.lmdb`
  const tier = () => diskTier({ path })
  const writer = await openCache([tier()], { compression: false })
  await writer.cache.setMany(
    Array.from({ length: 50 }, (_, nth) => [`k${nth}`, `value of ${nth}.`] as const),
  )
  await writer.cache.close()
  const bytes = readFileSync(path)
  let changed = 0
  for (let at = bytes.indexOf('value of 7.'); at >= 0; at = bytes.indexOf('value of 7.', at + 1)) {
    bytes[at + 3] ^= 1
    changed++
  }
  expect(changed).toBeGreaterThan(0)
  writeFileSync(path, bytes)
  await expectReplaced(tier, { compression: false }, 'k7')
  const { cache } = await openCache([tier()])
  expect(await cache.get('k8')).toBe('value of 8.')
}, 30_000)

it('misses on disk a row that is no entry', async () => {
  const path = `${temporaryFolder()}/cache.lmdb`
  const tier = () => diskTier({ path })
  const writer = await openCache([tier()])
  await writer.cache.set('key', 'value')
  await writer.cache.close()
  const file = open({ path, noSubdir: true, maxDbs: 20 })
  const names = [...file.getKeys()].map(String)
  let overwritten = 0
  for (const name of names) {
    const database = file.openDB({ name, encoding: 'binary', keyEncoding: 'binary' })
    for (const { key, value } of database.getRange()) {
      if (!Buffer.from(value as Uint8Array).includes('value')) continue
      await database.put(key, Buffer.from('no entry'))
      overwritten++
    }
  }
  await file.close()
  expect(overwritten).toBe(1)
  await expectReplaced(tier, {}, 'key')
}, 30_000)
