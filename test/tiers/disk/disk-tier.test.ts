/** What a disk tier keeps and gives back: entries, conditions, lifetimes, tags, prefixes. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { diskTier } from '../../../src/tiers/disk/disk-tier.js'
import { HOUR_MS, keysOf, textOf, Workshop } from './disk-helpers.js'

let workshop: Workshop

beforeEach(() => {
  workshop = new Workshop()
})

afterEach(() => workshop.dispose())

it('gives back all of an entry, also after it was closed and opened again', async () => {
  const first = await workshop.open()
  const entry = workshop.entry('one', {
    ttlMsAbove: { memory: 7 },
    tags: ['a', 'b'],
    validator: 'etag',
    expiresAt: Number.POSITIVE_INFINITY,
    keepUntil: Number.POSITIVE_INFINITY,
  })
  expect(await first.set('key', entry)).toBe(true)
  await first.close()
  const second = await workshop.open()
  expect((await second.get('key')).entry).toEqual({ ...entry, absent: false })
})

it('keeps that a value is absent', async () => {
  const tier = await workshop.open()
  await tier.set('key', workshop.entry('', { absent: true }))
  expect((await tier.get('key')).entry?.absent).toBe(true)
})

it.each([
  ['empty', ''],
  ['with zeros', '\0a\0'],
  ['half a character', '\ud83d'],
  ['an emoji', '😀'],
  ['long', 'x'.repeat(65_536)],
  ['long, with half a character', `${'x'.repeat(65_535)}\udc00`],
  ['as long as one may be without a hash', 'y'.repeat(1_900)],
  ['one longer', 'y'.repeat(1_901)],
])('takes a key that is %s', async (_, key) => {
  const tier = await workshop.open()
  await tier.set(key, workshop.entry('value'))
  expect(await textOf(tier, key)).toBe('value')
  expect(await textOf(tier, `${key}x`)).toBeUndefined()
  expect(await keysOf(tier)).toEqual([key])
  expect(await tier.delete([key])).toEqual([true])
  expect(await textOf(tier, key)).toBeUndefined()
})

it('answers many keys in their order', async () => {
  const tier = await workshop.open()
  const stored = await tier.setMany([
    { key: 'a', entry: workshop.entry('1') },
    { key: 'b', entry: workshop.entry('2') },
  ])
  expect(stored).toEqual([true, true])
  const findings = await tier.getMany(['b', 'none', 'a'])
  expect(findings.map(({ entry }) => entry && String(entry.payload))).toEqual(['2', undefined, '1'])
})

it('misses what is over at that moment, and purges it later', async () => {
  const tier = await workshop.open({ purgeInterval: 1 })
  await tier.set('key', workshop.entry('value', { keepUntil: workshop.host.now() + 10 }))
  workshop.host.clock.advance(9)
  expect(await textOf(tier, 'key')).toBe('value')
  workshop.host.clock.advance(1)
  expect(await textOf(tier, 'key')).toBeUndefined()
  workshop.host.clock.advance(120_000)
  await expect.poll(() => tier.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

it('stores only what nobody has changed since it was seen', async () => {
  const tier = await workshop.open()
  const absent = await tier.get('key')
  expect(await tier.set('key', workshop.entry('1'), { ifUnchanged: absent })).toBe(true)
  expect(await tier.set('key', workshop.entry('2'), { ifUnchanged: absent })).toBe(false)
  const present = await tier.get('key')
  expect(await tier.set('key', workshop.entry('3'), { ifUnchanged: present })).toBe(true)
  expect(await textOf(tier, 'key')).toBe('3')
})

const changes: [string, (tier: Awaited<ReturnType<Workshop['open']>>) => Promise<unknown>][] = [
  ['delete', (tier) => tier.delete(['user:1'])],
  ['take', (tier) => tier.take('user:1')],
  ['expire', (tier) => tier.expire(['user:1'])],
  ['hard tag', (tier) => tier.invalidateTags(['tag'], false)],
  ['soft tag', (tier) => tier.invalidateTags(['tag'], true)],
  ['prefix', (tier) => tier.deleteByPrefix('user:')],
  ['pattern', (tier) => tier.deleteByPattern('*:1')],
  ['clear', (tier) => tier.clear()],
]

it.each(changes)(
  'refuses a load that began before a %s, of a key that was there or not',
  async (_, change) => {
    const tier = await workshop.open()
    const absent = await tier.get('user:1')
    await change(tier)
    const entry = workshop.entry('old', { tags: ['tag'] })
    expect(await tier.set('user:1', entry, { ifUnchanged: absent })).toBe(false)

    await tier.set('user:1', entry)
    const present = await tier.get('user:1')
    await change(tier)
    expect(await tier.set('user:1', entry, { ifUnchanged: present })).toBe(false)

    const after = await tier.get('user:1')
    expect(await tier.set('user:1', entry, { ifUnchanged: after })).toBe(true)
  },
)

it.each(changes)(
  'refuses it also when a minute has gone by since the %s, and it was forgotten',
  async (_, change) => {
    const tier = await workshop.open({ purgeInterval: 1 })
    const seen = await tier.get('user:1')
    await change(tier)
    workshop.host.clock.advance(10 * HOUR_MS)
    await expect.poll(() => tier.stats()).toMatchObject({ entries: 0, bytes: 0 })
    const entry = workshop.entry('old', { tags: ['tag'] })
    expect(await tier.set('user:1', entry, { ifUnchanged: seen })).toBe(false)
  },
)

it('takes an entry out once', async () => {
  const tier = await workshop.open()
  await tier.set('key', workshop.entry('value'))
  const taken = await Promise.all([tier.take('key'), tier.take('key')])
  expect(taken.map((entry) => entry && String(entry.payload))).toEqual(['value', undefined])
})

it('keeps what was expired for its grace', async () => {
  const tier = await workshop.open()
  await tier.set('key', workshop.entry('value'))
  workshop.host.clock.advance(5)
  expect(await tier.expire(['key', 'none'])).toEqual([true, false])
  const { entry } = await tier.get('key')
  expect(entry).toMatchObject({ expiresAt: workshop.host.now() })
  workshop.host.clock.advance(2 * HOUR_MS)
  expect((await tier.get('key')).entry).toBeUndefined()
})

it('invalidates by tag, hard and soft, what was set before and nothing after', async () => {
  const tier = await workshop.open()
  await tier.set('a', workshop.entry('1', { tags: ['x', 'y'] }))
  await tier.set('b', workshop.entry('2', { tags: ['z'] }))
  await tier.invalidateTags(['y'], false)
  await tier.invalidateTags(['z'], true)
  await tier.set('c', workshop.entry('3', { tags: ['y', 'z'] }))
  expect((await tier.get('a')).entry).toBeUndefined()
  expect((await tier.get('b')).entry?.expiresAt).toBe(workshop.host.now())
  expect((await tier.get('c')).entry?.expiresAt).toBe(workshop.host.now() + HOUR_MS)
  expect(await keysOf(tier)).toEqual(['b', 'c'])
})

it('forgets invalidated tags when no entry can be of before', async () => {
  const tier = await workshop.open({ purgeInterval: 1 })
  await tier.set('a', workshop.entry('1', { tags: ['x'] }))
  await tier.invalidateTags(
    Array.from({ length: 1_200 }, (_, index) => `tag-${index}`),
    false,
  )
  workshop.host.clock.advance(3 * HOUR_MS)
  await expect.poll(() => tier.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

it('deletes by prefix and pattern in batches, and says how many went', async () => {
  const tier = await workshop.open()
  const long = 'x'.repeat(5_000)
  const keys = ['user:😀', 'user:\ud83d', `user:${long}`, 'other', `other:${long}`]
  for (let index = 0; index < 1_200; index++) keys.push(`user:${index}`)
  await tier.setMany(keys.map((key) => ({ key, entry: workshop.entry(key) })))
  expect(await tier.deleteByPrefix('user:\ud83d')).toBe(2)
  expect(await tier.deleteByPattern('user:?')).toBe(10)
  expect((await keysOf(tier, 'user:')).length).toBe(1_191)
  expect(await tier.deleteByPrefix('user:')).toBe(1_191)
  expect(await keysOf(tier)).toEqual(['other', `other:${long}`].sort())
})

it('keeps within its bytes, and lets go first what is soonest over', async () => {
  const tier = await workshop.open({ maxBytes: '256kb' })
  const now = workshop.host.now()
  await tier.set('last', workshop.entry('stays', { keepUntil: now + 100 * HOUR_MS }))
  for (let index = 0; index < 500; index++) {
    const entry = workshop.entry('v'.repeat(1_000), { keepUntil: now + HOUR_MS + index })
    expect(await tier.set(`key:${index}`, entry)).toBe(true)
  }
  expect(tier.stats().bytes).toBeLessThanOrEqual(256 * 1024)
  expect(await textOf(tier, 'last')).toBe('stays')
  expect(await textOf(tier, 'key:0')).toBeUndefined()
  expect(await textOf(tier, 'key:499')).toBeDefined()
  expect((await keysOf(tier)).length).toBeGreaterThan(150)
})

it('refuses an entry that is larger than the whole tier', async () => {
  const tier = await workshop.open({ maxBytes: '64kb' })
  expect(await tier.set('key', workshop.entry('v'.repeat(65_536)))).toBe(false)
  expect(workshop.host.problems).toMatchObject([{ kind: 'full', key: 'key' }])
})

it('rejects everything when it is closed, after the writes that were under way', async () => {
  const tier = await workshop.open()
  const write = tier.set('key', workshop.entry('value'))
  await tier.close()
  expect(await write).toBe(true)
  await tier.close()
  const closed = { code: 'ERR_HOTSET_TIER_CLOSED', message: "Tier 'disk' is not open" }
  await expect(tier.get('key')).rejects.toMatchObject(closed)
  await expect(tier.getMany(['key'])).rejects.toMatchObject(closed)
  await expect(tier.set('key', workshop.entry('value'))).rejects.toMatchObject(closed)
  await expect(tier.delete(['key'])).rejects.toMatchObject(closed)
  await expect(tier.deleteByPrefix('')).rejects.toMatchObject(closed)
  await expect(keysOf(tier)).rejects.toMatchObject(closed)
  expect(await textOf(await workshop.open(), 'key')).toBe('value')
})

it('commits to the disk before it resolves where sync is asked for', async () => {
  const tier = await workshop.open({ sync: true })
  expect(await tier.set('key', workshop.entry('value'))).toBe(true)
  await tier.close()
  expect(await textOf(await workshop.open({ sync: true }), 'key')).toBe('value')
})

it.each([
  [{ path: '' }, 'path'],
  [{ path: 'x', maxBytes: 5 }, 'maxBytes'],
  [{ path: 'x', ttl: '1x' }, 'ttl'],
  [{ path: 'x', sync: 1 }, 'sync'],
  [{ path: 'x', verify: 'no' }, 'verify'],
  [{ path: 'x', maxbytes: 5 }, 'maxbytes'],
])('refuses the options %j', (options, option) => {
  expect(() => diskTier(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
  )
})
