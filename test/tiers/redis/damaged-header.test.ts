/** Bytes of the header changed in Redis: what they say counts for nothing, and no script makes them whole. */
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { encodeRecord } from '../../../src/tiers/record/record.js'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import { EXPIRES_AT_OFFSET } from '../../../src/tiers/redis/stored-entry.js'
import { damaged } from '../record/damage.js'
import { readRaw, writeRaw } from '../support/raw-values.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { entryOf, listKeys, openTier, type RecordingHost, read } from './tier-helpers.js'

const NAME = 'hotset:test:{k}'
const HEADER_BYTES = EXPIRES_AT_OFFSET - 12
/** The same without the checksum, as the format before had it. */
const OLD_HEADER_BYTES = 26
const OLD_MAGIC = 0xb7

let redis: RedisInstance
let tier: RedisTier
let host: RecordingHost

beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

beforeEach(async () => {
  await redis.run('FLUSHALL')
  ;({ tier, host } = await openTier({ url: redis.url }))
})

function isWithBytesChanged({ how }: { how: string }): boolean {
  return how.startsWith('byte ')
}

async function expectMissTold(how: string): Promise<void> {
  host.problems.length = 0
  expect(await read(tier, 'k'), how).toBeUndefined()
  expect(host.problems, how).toMatchObject([{ kind: 'corrupt', key: 'k' }])
}

it('of a tombstone: it is a miss that is told, and what was being loaded is not stored', async () => {
  const { seen } = await tier.get('k')
  await tier.delete(['k'])
  const tombstone = await readRaw(redis, NAME)
  expect(tombstone.length).toBe(HEADER_BYTES)
  for (const { bytes, how } of [...damaged(tombstone)].filter(isWithBytesChanged)) {
    await writeRaw(redis, NAME, bytes)
    await expectMissTold(how)
    const options = { ifUnchanged: { seen } }
    expect(await tier.set('k', entryOf('loaded'), options), how).toBe(false)
  }
})

it('of an entry that was expired: it does not become fresh again', async () => {
  await tier.set('k', entryOf('value', { tags: ['t'] }))
  await tier.expire(['k'])
  const expired = await readRaw(redis, NAME)
  for (const { bytes, how } of [...damaged(expired)].filter(isWithBytesChanged)) {
    await writeRaw(redis, NAME, bytes)
    await expectMissTold(how)
  }
  await writeRaw(redis, NAME, expired)
  expect(await read(tier, 'k')).toBe('value')
})

it('of an entry whose tag was invalidated: it is found, listed and counted no more', async () => {
  await tier.set('k', entryOf('value', { tags: ['t'] }))
  await tier.invalidateTags(['t'], false)
  const gone = await readRaw(redis, NAME)
  for (const { bytes, how } of damaged(gone.subarray(0, HEADER_BYTES))) {
    if (!isWithBytesChanged({ how })) continue
    await writeRaw(redis, NAME, Buffer.concat([bytes, gone.subarray(HEADER_BYTES)]))
    await expectMissTold(how)
    expect(await listKeys(tier), how).toEqual([])
    expect(await tier.delete(['k']), how).toEqual([false])
  }
})

it('of an entry that is then expired: it is not made whole', async () => {
  await tier.set('k', entryOf('value'))
  const stored = await readRaw(redis, NAME)
  for (const { bytes, how } of damaged(stored)) {
    await writeRaw(redis, NAME, bytes)
    await tier.expire(['k'])
    expect(await read(tier, 'k'), how).toBeUndefined()
  }
})

it('to those of the format before, without a checksum: it is a miss that is told, and written over', async () => {
  await tier.set('k', entryOf('other'))
  const header = Buffer.from((await readRaw(redis, NAME)).subarray(0, OLD_HEADER_BYTES))
  header[0] = OLD_MAGIC
  await writeRaw(redis, NAME, Buffer.concat([header, encodeRecord(entryOf('value'))]))
  await expectMissTold('old')
  const { seen } = await tier.get('k')
  expect(await tier.set('k', entryOf('new'), { ifUnchanged: { seen } })).toBe(true)
  expect(await read(tier, 'k')).toBe('new')
})
