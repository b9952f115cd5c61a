/** A whole cache on a disk that is full, in a file that is damaged, and without the package that it needs. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { diskTier } from '../../../src/tiers/index.js'
import { startProcess } from '../support/child-process.js'
import {
  everyCall,
  openCache,
  rejectionsOf,
  temporaryFolder,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

const damages: [string, (bytes: Buffer) => Buffer][] = [
  ['was overwritten with text', () => Buffer.from('no database at all')],
  ['has random bytes', (bytes) => Buffer.alloc(bytes.length, 0xa5)],
  ['was cut in the middle', (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ['has zeros in its second half', (bytes) => bytes.fill(0, bytes.length >> 1)],
]

it.each(damages)(
  'begins a new file where its own %s, tells of it, and works',
  async (_, damage) => {
    const folder = temporaryFolder()
    const path = `${folder}/cache.lmdb`
    const before = await openCache([diskTier({ path })])
    const entries = Array.from({ length: 200 }, (_, nth) => [`k${nth}`, `value ${nth}`] as const)
    await before.cache.setMany(entries)
    await before.cache.close()
    writeFileSync(path, damage(readFileSync(path)))

    const { cache, log } = await openCache([diskTier({ path })])
    expect(log.of('set-aside')).toMatchObject([{ tier: 'disk' }])
    expect(readdirSync(folder).filter((name) => name.includes('corrupt')).length).toBeGreaterThan(0)
    expect(await cache.getMany(['k1', 'k199'])).toEqual([undefined, undefined])
    expect(await cache.getOrSet('k1', async () => 'loaded')).toBe('loaded')
    await cache.drain()
    expect(await cache.set('k2', 'new')).toMatchObject({ ok: true })
    cache.memory.clear()
    expect(await cache.getMany(['k1', 'k2'])).toEqual(['loaded', 'new'])
    expect(await rejectionsOf(everyCall(cache, 'x:'))).toEqual([])
  },
  30_000,
)

it('rejects no call where the file is cut off under an open cache, and is whole at the next start', async () => {
  const path = `${temporaryFolder()}/cache.lmdb`
  const before = await openCache([diskTier({ path })])
  await before.cache.set('key', 'value')
  await before.cache.close()
  truncateSync(path, 4_096)
  const { cache } = await openCache([diskTier({ path })])
  expect(await rejectionsOf(everyCall(cache, 'x:'))).toEqual([])
  expect(await cache.set('key', 'new')).toMatchObject({ ok: true })
  cache.memory.clear()
  expect(await cache.get('key')).toBe('new')
}, 30_000)

it('refuses what the disk has no room for, answers it from memory, and goes on', async () => {
  const path = `${temporaryFolder()}/cache.lmdb`
  const worker = new URL('workers/full-disk.mjs', import.meta.url)
  const child = startProcess(worker, [path])
  const result = await child.next<Record<string, unknown>>()
  expect(result).toMatchObject({
    rejections: [],
    unhandled: [],
    wrong: 0,
    full: true,
    atLast: 'loaded',
  })
  expect(result.refused).toBeGreaterThan(0)
  expect(result.stored).toBeGreaterThan(0)
  expect(result.failed).toBe(0)
  expect(await child.exited).toEqual({ code: 0, signal: null })
}, 60_000)
