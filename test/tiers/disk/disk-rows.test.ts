/**
 * Changed bytes of the rows that say what is valid no more: nothing that was invalidated comes back, it is told once,
 * and the row is mended. Real files; the bytes are changed through lmdb, while the tier has the file open.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { DiskTier } from '../../../src/tiers/disk/disk-tier.js'
import {
  decodeStoredEntry,
  encodeStoredEntry,
  type StoredEntry,
} from '../../../src/tiers/disk/stored-entry.js'
import { storedKeyOf } from '../../../src/tiers/disk/stored-key.js'
import { HOUR_MS, textOf } from './disk-helpers.js'
import { begin, type Case, endCases, forEachByte, NAMES } from './disk-row-cases.js'

const TAG_ROW_BYTES = 40
const VOID_ROW_BYTES = 13 + 2 * 'user:'.length
const LEDGER_BYTES = 76
const TOMBSTONE_BYTES = 32
const ON_ROW_BYTES = 12 + 16
const BY_ROW_BYTES = 12 + 2

const UPKEEP = { purgeInterval: 5 }

afterEach(endCases)

/** What was asked of the tier before is done then. */
async function settled(tier: DiskTier): Promise<void> {
  await tier.delete(['nothing'])
}

/** That damage was told once and is mended: who opens the file next finds none, nor an entry that was invalidated. */
async function expectMended({ workshop, tier }: Case, key?: string): Promise<void> {
  expect(workshop.host.kinds()).toEqual(['corrupt'])
  expect(tier.stats().corrupt).toBe(1)
  await tier.close()
  const again = await workshop.open({ verify: 'always' })
  if (key !== undefined) expect(await textOf(again, key)).toBeUndefined()
  expect(workshop.host.kinds()).toEqual(['corrupt'])
}

describe('a changed byte of a tag row', () => {
  it.each([
    ['gone', false],
    ['stale', true],
  ])('leaves entries that were %s by it misses, until they are set anew', (_, soft) =>
    forEachByte(TAG_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      await tier.set('old', workshop.entry('old', { tags: ['other', 'tag'] }))
      await tier.invalidateTags(['tag'], soft)
      await rows.flip('tags', at)
      expect(await textOf(tier, 'old')).toBeUndefined()
      expect(await textOf(tier, 'old')).toBeUndefined()
      await settled(tier)
      const entry = workshop.entry('new', { tags: ['tag'] })
      expect(await tier.set('new', entry)).toBe(true)
      expect(await textOf(tier, 'new')).toBe('new')
      await expectMended(each, 'old')
    }),
  )

  it('refuses loads that began before the tag was invalidated, and takes those that begin after', () =>
    forEachByte(TAG_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      const entry = workshop.entry('value', { tags: ['tag'] })
      const seen = await tier.get('key')
      await tier.invalidateTags(['tag'], false)
      await rows.flip('tags', at)
      expect(await tier.set('key', entry, { ifUnchanged: seen })).toBe(false)
      await settled(tier)
      const after = await tier.get('key')
      expect(await tier.set('key', entry, { ifUnchanged: after })).toBe(true)
      expect(await textOf(tier, 'key')).toBe('value')
      await expectMended(each)
    }))

  it('leaves other entries alone where it is not about which tag it was', async () => {
    const each = await begin()
    const { workshop, tier, rows } = each
    await tier.set('old', workshop.entry('old', { tags: ['tag'] }))
    await tier.set('other', workshop.entry('other', { tags: ['another'] }))
    await tier.invalidateTags(['tag'], false)
    await rows.flip('tags', 20)
    expect(await textOf(tier, 'old')).toBeUndefined()
    await settled(tier)
    expect(await textOf(tier, 'other')).toBe('other')
    await expectMended(each, 'old')
  })

  it('counts as the invalidation where the tag is invalidated again before it is mended', () =>
    forEachByte(TAG_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      await tier.invalidateTags(['tag'], false)
      await tier.set('old', workshop.entry('old', { tags: ['tag'] }))
      const seen = await tier.get('key')
      await rows.flip('tags', at)
      await tier.invalidateTags(['tag'], false)
      expect(await textOf(tier, 'old')).toBeUndefined()
      const entry = workshop.entry('value', { tags: ['tag'] })
      expect(await tier.set('key', entry, { ifUnchanged: seen })).toBe(false)
      await expectMended(each, 'old')
    }))

  it('is found by the upkeep where nobody asks for the tag', async () => {
    const each = await begin(UPKEEP)
    const { workshop, tier, rows } = each
    await tier.set('old', workshop.entry('old', { tags: ['tag'] }))
    await tier.invalidateTags(['tag'], false)
    await rows.flip('tags', 20)
    await expect.poll(() => workshop.host.kinds()).toEqual(['corrupt'])
    expect(await textOf(tier, 'old')).toBeUndefined()
    await expectMended(each, 'old')
  })
})

describe('a changed byte of a key', () => {
  it('of a tag row costs everything where the file was not closed in order, as nobody knows the tag', async () => {
    for (let at = 0; at < storedKeyOf('tag').bytes.length; at++) {
      const each = await begin()
      const { workshop, tier, rows } = each
      await tier.set('old', workshop.entry('old', { tags: ['tag'] }))
      await tier.invalidateTags(['tag'], false)
      await tier.close()
      await rows.flipKey('tags', at)
      const again = await workshop.open()
      expect(await textOf(again, 'old')).toBeUndefined()
      expect(workshop.host.heard).toEqual([{ kind: 'all' }])
      await expectMended({ ...each, tier: again }, 'old')
    }
  })

  it('of a tag row costs everything, too, where another tag is invalidated whose row it seems to be', async () => {
    const each = await begin()
    const { workshop, tier, rows } = each
    await tier.set('old', workshop.entry('old', { tags: ['taf'] }))
    await tier.invalidateTags(['taf'], false)
    await rows.flipKey('tags', storedKeyOf('ta').bytes.length)
    expect(rows.all('tags')[0].key.equals(storedKeyOf('tag').bytes)).toBe(true)
    await tier.invalidateTags(['tag'], false)
    await settled(tier)
    await expectMended(each, 'old')
  })

  it('of the ledger has the file put aside', async () => {
    const each = await begin()
    const { workshop, tier, rows } = each
    await tier.set('old', workshop.entry('old'))
    await tier.close()
    await rows.flipKey('ledger', 0)
    const again = await workshop.open()
    expect(workshop.host.kinds()).toEqual(['set-aside'])
    expect(await textOf(again, 'old')).toBeUndefined()
  })
})

it.each(NAMES)(
  'puts a file aside in which the name of the database %s was changed',
  async (name) => {
    const { workshop, tier, rows } = await begin()
    await tier.set('old', workshop.entry('old', { tags: ['tag'] }))
    await tier.invalidateTags(['tag'], false)
    await Promise.all([tier.close(), rows.close()])
    const bytes = readFileSync(workshop.path)
    const text = Buffer.from(`${name}\0`)
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text)) bytes[at]++
    writeFileSync(workshop.path, bytes)
    const again = await workshop.open()
    expect(workshop.host.kinds()).toEqual(['set-aside'])
    expect(await textOf(again, 'old')).toBeUndefined()
    expect(await again.set('new', workshop.entry('new'))).toBe(true)
  },
)

describe('a changed byte of a deletion by prefix', () => {
  it('refuses loads that began before it, and takes those that begin after', () =>
    forEachByte(VOID_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      const seen = await tier.get('user:1')
      await tier.deleteByPrefix('user:')
      await rows.flip('voids', at)
      const entry = workshop.entry('value')
      expect(await tier.set('user:1', entry, { ifUnchanged: seen })).toBe(false)
      await expect.poll(() => rows.all('voids')).toEqual([])
      expect(await tier.set('user:1', entry, { ifUnchanged: seen })).toBe(false)
      const after = await tier.get('user:1')
      expect(await tier.set('user:1', entry, { ifUnchanged: after })).toBe(true)
      await expectMended(each)
    }))

  it('refuses them, too, where it is met as deletions are forgotten', () =>
    forEachByte(
      VOID_ROW_BYTES,
      async (each, at) => {
        const { workshop, tier, rows } = each
        const seen = await tier.get('user:1')
        await tier.deleteByPrefix('user:')
        await rows.flip('voids', at)
        await expect.poll(() => rows.all('voids')).toEqual([])
        const entry = workshop.entry('value')
        expect(await tier.set('user:1', entry, { ifUnchanged: seen })).toBe(false)
        const after = await tier.get('user:1')
        expect(await tier.set('user:1', entry, { ifUnchanged: after })).toBe(true)
        await expectMended(each)
      },
      UPKEEP,
    ))
})

it('refuses loads that began before a deletion of which any byte was changed', () =>
  forEachByte(TOMBSTONE_BYTES, async (each, at) => {
    const { workshop, tier, rows } = each
    const seen = await tier.get('key')
    await tier.delete(['key'])
    await rows.flip('entries', at)
    const entry = workshop.entry('value')
    expect(await tier.set('key', entry, { ifUnchanged: seen })).toBe(false)
    const after = await tier.get('key')
    expect(await tier.set('key', entry, { ifUnchanged: after })).toBe(true)
  }))

it('refuses loads that began before an entry that is whole, but of another format', async () => {
  const { workshop, tier, rows } = await begin()
  const seen = await tier.get('key')
  await tier.set('key', workshop.entry('value'))
  await rows.replace('entries', (key, value) => {
    const stored = decodeStoredEntry(key, value) as StoredEntry
    stored.record[0]++
    return encodeStoredEntry(key, stored)
  })
  expect(await textOf(tier, 'key')).toBeUndefined()
  expect(workshop.host.problems).toMatchObject([{ kind: 'corrupt', key: 'key' }])
  await settled(tier)
  const entry = workshop.entry('new')
  expect(await tier.set('key', entry, { ifUnchanged: seen })).toBe(false)
  const after = await tier.get('key')
  expect(await tier.set('key', entry, { ifUnchanged: after })).toBe(true)
})

it('puts a file aside of whose ledger any byte was changed, and answers nothing of it', () =>
  forEachByte(LEDGER_BYTES, async (each, at) => {
    const { workshop, tier, rows } = each
    await tier.set('old', workshop.entry('old'))
    expect(await textOf(tier, 'old')).toBe('old')
    await rows.flip('ledger', at)
    // Why polled: what is read in one turn of the event loop is of one state of the file.
    await expect.poll(() => textOf(tier, 'old')).toBeUndefined()
    expect(await tier.set('new', workshop.entry('new'))).toBe(true)
    expect(await textOf(tier, 'new')).toBe('new')
    expect(await textOf(tier, 'old')).toBeUndefined()
    expect(workshop.host.kinds()).toEqual(['set-aside'])
  }))

describe('a changed byte of an edge', () => {
  it('makes everything dependent, takes all that is cached, and drops what is above', () =>
    forEachByte(BY_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      const graph = tier.dependencies()
      await graph.declare('b', ['a'])
      await tier.set('b', workshop.entry('old'))
      await rows.flip('by', at)
      expect(await graph.dependentsOf(['a'])).toBe('all')
      await expect.poll(() => workshop.host.heard).toEqual([{ kind: 'all' }])
      expect(await textOf(tier, 'b')).toBeUndefined()
      expect(tier.stats()).toMatchObject({ bytes: 0, entries: 0 })
      await graph.declare('b', ['a'])
      expect(await graph.dependentsOf(['a'])).toEqual(['b'])
      await expectMended(each, 'b')
    }))

  it('does so, too, where it is met as edges above it should last longer', () =>
    forEachByte(ON_ROW_BYTES, async (each, at) => {
      const { workshop, tier, rows } = each
      const graph = tier.dependencies()
      await graph.declare('b', ['a'], 1000)
      await tier.set('c', workshop.entry('old'))
      await rows.flip('on', at)
      await graph.declare('c', ['b'], HOUR_MS)
      await expect.poll(() => workshop.host.heard).toEqual([{ kind: 'all' }])
      expect(await textOf(tier, 'c')).toBeUndefined()
      await expectMended(each, 'c')
    }))

  it('is found by the upkeep where nobody asks for the edge', () =>
    forEachByte(
      BY_ROW_BYTES,
      async (each, at) => {
        const { workshop, tier, rows } = each
        await tier.dependencies().declare('b', ['a'])
        await tier.set('b', workshop.entry('old'))
        await rows.flip('by', at)
        await expect.poll(() => workshop.host.heard).toEqual([{ kind: 'all' }])
        expect(await textOf(tier, 'b')).toBeUndefined()
        await expectMended(each, 'b')
      },
      UPKEEP,
    ))
})
