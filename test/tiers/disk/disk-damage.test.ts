/** What becomes of damaged files and entries: put aside or missed, told, and never a crash. */
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { diskTier } from '../../../src/tiers/disk/disk-tier.js'
import { findDamage } from '../../../src/tiers/disk/file-check.js'
import {
  BRANCH_PAGE,
  LEAF_PAGE,
  NODE_HEADER_BYTES,
  PAGE_HEADER_BYTES,
  pageFlagsOf,
} from '../../../src/tiers/disk/lmdb-file.js'
import { storedKeyOf } from '../../../src/tiers/disk/stored-key.js'
import { Random } from '../../support/random.js'
import { textOf, Workshop } from './disk-helpers.js'

const ENTRIES = 400
const PAGE_BYTES = 4_096

let workshop: Workshop

beforeEach(async () => {
  workshop = new Workshop()
  const tier = await workshop.open()
  for (let round = 0; round < 3; round++) {
    await tier.setMany(
      Array.from({ length: ENTRIES }, (_, index) => ({
        key: `key:${index}`,
        entry: workshop.entry(valueAt(index), { tags: ['tag', `tag:${index % 7}`] }),
      })),
    )
  }
  await tier.invalidateTags(['another'], false)
  await tier.close()
})

afterEach(() => workshop.dispose())

function valueAt(index: number): string {
  return `value ${index}`.padEnd(index % 50 === 0 ? 9_000 : 300, '.')
}

function asideFiles(): string[] {
  return readdirSync(dirname(workshop.path)).filter((name) =>
    /\.corrupt-[^l]*$/.test(name.slice(basename(workshop.path).length)),
  )
}

/** Writes the file as it should not be; as a later write would, it changes the file's time. */
function damage(change: (bytes: Buffer) => Buffer | undefined): void {
  const bytes = readFileSync(workshop.path)
  writeFileSync(workshop.path, change(bytes) ?? bytes)
  utimesSync(workshop.path, 1, 1)
}

/** Of the n-th row its n-th byte, for as many as a row has. Returns the keys of those that were changed. */
async function changeOneByteOfEach(keys: readonly string[]): Promise<string[]> {
  const file = open({ path: workshop.path, noSubdir: true, maxDbs: 8 })
  const rows = file.openDB({ name: 'entries', encoding: 'binary', keyEncoding: 'binary' })
  const changed: string[] = []
  for (const [at, key] of keys.entries()) {
    const stored = storedKeyOf(key).bytes
    const row = Buffer.from(rows.get(stored) as Buffer)
    if (at >= row.length) break
    row[at] ^= 1 << (at % 8)
    await rows.put(stored, row)
    changed.push(key)
  }
  await file.close()
  return changed
}

it('takes a file as it was closed without a word, also where all of it is looked at', async () => {
  const tier = await workshop.open({ verify: 'always' })
  expect(await textOf(tier, 'key:1')).toBe(valueAt(1))
  expect(workshop.host.problems).toEqual([])
  expect(existsSync(`${workshop.path}-clean`)).toBe(false)
})

it.each<[string, (bytes: Buffer) => Buffer | undefined]>([
  ['is text', () => Buffer.from('no database at all')],
  ['is random bytes', (bytes) => Buffer.alloc(bytes.length, 0xa5)],
  ['is zeros', (bytes) => Buffer.alloc(bytes.length)],
  ['is cut in the middle', (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ['is cut within its first pages', (bytes) => bytes.subarray(0, 5_000)],
  ['has zeros in its second half', (bytes) => bytes.fill(0, bytes.length >> 1)],
])('puts a file aside that %s, tells it, and begins a new one', async (_, change) => {
  damage(change)
  const damaged = readFileSync(workshop.path)
  const tier = await workshop.open()
  expect(workshop.host.kinds()).toEqual(['set-aside'])
  expect(await textOf(tier, 'key:1')).toBeUndefined()
  expect(await tier.set('key:1', workshop.entry('new'))).toBe(true)
  expect(await textOf(tier, 'key:1')).toBe('new')
  const aside = asideFiles()
  expect(aside.length).toBe(1)
  expect(readFileSync(join(dirname(workshop.path), aside[0])).equals(damaged)).toBe(true)
})

it('begins with an empty file, such as a process leaves that was killed early', async () => {
  damage(() => Buffer.alloc(0))
  const tier = await workshop.open()
  expect(await tier.set('key', workshop.entry('new'))).toBe(true)
  expect(workshop.host.problems).toEqual([])
})

it('misses an entry of which a byte was changed, removes it, and tells it', async () => {
  damage((bytes) => {
    const at = bytes.lastIndexOf('value 7....')
    for (let found = bytes.indexOf('value 7....'); found >= 0; ) {
      bytes[found + 100] ^= 1
      found = bytes.indexOf('value 7....', found + 1)
    }
    expect(at).toBeGreaterThan(0)
    return undefined
  })
  const tier = await workshop.open()
  expect(await textOf(tier, 'key:7')).toBeUndefined()
  expect(workshop.host.problems).toMatchObject([{ kind: 'corrupt', key: 'key:7' }])
  const seen = await tier.get('key:7')
  expect(await tier.set('key:7', workshop.entry('new'), { ifUnchanged: seen })).toBe(true)
  expect(await textOf(tier, 'key:7')).toBe('new')
  expect(await textOf(tier, 'key:8')).toBe(valueAt(8))
})

it('misses an entry of which any byte of its row was changed, the header too, and tells it', async () => {
  const keys = Array.from({ length: ENTRIES }, (_, index) => `row:${index}`)
  const tier = await workshop.open()
  await tier.setMany(keys.map((key) => ({ key, entry: workshop.entry('value', { tags: ['t'] }) })))
  await tier.close()
  const changed = await changeOneByteOfEach(keys)
  expect(changed.length).toBeGreaterThan(0)
  expect(changed.length).toBeLessThan(ENTRIES)
  const again = await workshop.open()
  for (const key of keys) {
    expect(await textOf(again, key), key).toBe(changed.includes(key) ? undefined : 'value')
  }
  const told = changed.map((key) => ({ kind: 'corrupt', key }))
  expect(workshop.host.problems).toMatchObject(told)
})

it('never gives a wrong value, nor fails to open, whatever bits are changed where structure is', async () => {
  const whole = readFileSync(workshop.path)
  const random = new Random(1)
  const pages = whole.length / PAGE_BYTES
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(whole)
    const at = random.below(pages) * PAGE_BYTES + random.below(64)
    bytes[at] ^= 1 << random.below(8)
    damage(() => bytes)
    const tier = diskTier({ path: workshop.path })
    await tier.open(workshop.host)
    for (let index = 0; index < ENTRIES; index += 9) {
      const text = await textOf(tier, `key:${index}`)
      if (text !== undefined) expect(text).toBe(valueAt(index))
    }
    await tier.setMany([{ key: 'new', entry: workshop.entry('new') }])
    await tier.deleteByPrefix('key:1')
    await tier.close()
  }
  expect(workshop.host.kinds()).toContain('set-aside')
}, 30_000)

it.each<[string, number, (count: number) => number, number]>([
  ['the first key of a leaf to before all others', LEAF_PAGE, () => 0, 0],
  ['a key within a leaf to after all others', LEAF_PAGE, () => 1, 0xff],
  ['the last key of a leaf to after all others', LEAF_PAGE, (count) => count - 1, 0xff],
  ['a key within a branch to before all others', BRANCH_PAGE, () => 1, 0],
  ['the last key of a branch to after all others', BRANCH_PAGE, (count) => count - 1, 0xff],
])('puts a file aside in which damage has moved %s: a search would pass by it', async (...of) => {
  const [, kind, indexOf, byte] = of
  damage((bytes) => {
    for (let at = 2 * PAGE_BYTES; at < bytes.length; at += PAGE_BYTES) {
      const page = bytes.subarray(at, at + PAGE_BYTES)
      const count = page.readUInt16LE(20) >> 1
      if (pageFlagsOf(page) !== kind || count < 3) continue
      const place = PAGE_HEADER_BYTES + 2 * indexOf(count)
      page[PAGE_HEADER_BYTES + page.readUInt16LE(place) + NODE_HEADER_BYTES] = byte
    }
    return bytes
  })
  const tier = await workshop.open()
  expect(workshop.host.problems).toMatchObject([
    { kind: 'set-aside', error: { message: expect.stringContaining('keys are not in order') } },
  ])
  expect(await textOf(tier, 'key:1')).toBeUndefined()
})

it.each([
  [9_000, 5_000],
  [9_000, 100],
  [20_000, 4_200],
])(
  'finds none where a value of %i bytes was overwritten with one of %i in one transaction',
  async (...of) => {
    const tier = await workshop.open()
    const texts = of.map((bytes) => 'v'.repeat(bytes))
    await Promise.all(texts.map((text) => tier.set('key', workshop.entry(text))))
    await tier.close()
    const again = await workshop.open({ verify: 'always' })
    expect(workshop.host.problems).toEqual([])
    expect(await textOf(again, 'key')).toBe(texts[1])
  },
)

it('leaves the database of somebody else alone', async () => {
  const path = `${workshop.path}.other`
  const other = open({ path, noSubdir: true })
  await other.put('key', 'value')
  await other.close()
  await expect(workshop.open({ path })).rejects.toMatchObject({
    code: 'ERR_HOTSET_INVALID_OPTION',
    option: 'path',
  })
  expect(statSync(path).isFile()).toBe(true)
})

it('refuses a folder', async () => {
  await expect(workshop.open({ path: workshop.folder })).rejects.toMatchObject({ option: 'path' })
})

it('sees a damage that has not changed the time of the file where it is to look always', async () => {
  const { mtime, atime } = statSync(workshop.path)
  damage((bytes) => bytes.fill(0, 2 * PAGE_BYTES))
  utimesSync(workshop.path, atime, mtime)
  expect(await findDamage(workshop.path, true)).toBeUndefined()
  await workshop.open({ verify: 'always' })
  expect(workshop.host.kinds()).toEqual(['set-aside'])
})
