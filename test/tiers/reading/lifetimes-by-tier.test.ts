/**
 * Lifetimes by tier: what a call gave to each tier holds there, wherever the entry comes up from. Without news: that of
 * the write would drop what is read meanwhile.
 */
import { describe, expect, it } from 'vitest'
import type { EntryOptions } from '../../../src/tiers/entry/options.js'
import { type OneProcess, Processes } from '../support/processes.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const USUAL = { memory: MINUTE, disk: HOUR, redis: DAY }

/** What a call says, and how long the entry then lives in memory and on disk when it comes from below. */
const CALLS: [string, EntryOptions['ttl'], { memory: number; disk: number }][] = [
  ['nothing', undefined, { memory: MINUTE, disk: HOUR }],
  ['less for memory', { memory: SECOND }, { memory: SECOND, disk: HOUR }],
  ['more for memory', { memory: 10 * MINUTE }, { memory: 10 * MINUTE, disk: HOUR }],
  ['memory longer than disk', { memory: 2 * HOUR, disk: HOUR }, { memory: 2 * HOUR, disk: HOUR }],
  [
    'memory, disk and Redis',
    { memory: 5 * SECOND, disk: 2 * MINUTE, redis: HOUR },
    { memory: 5 * SECOND, disk: 2 * MINUTE },
  ],
  ['one for all', 2 * HOUR, { memory: 2 * HOUR, disk: 2 * HOUR }],
]

const WAYS: [string, (one: OneProcess) => Promise<unknown>][] = [
  ['get', ({ cache }) => cache.get('k')],
  ['getMany', ({ cache }) => cache.getMany(['k', 'other'])],
  ['getOrSet', ({ cache }) => cache.getOrSet('k', () => 'loaded')],
]

async function restIn(processes: Processes, { cache, disk }: OneProcess) {
  await cache.drain()
  const now = processes.clock.now()
  const inMemory = await cache.getEntry('k')
  const { entry } = await disk.get('k')
  expect(inMemory).toMatchObject({ value: 'v', tier: 'memory' })
  return { memory: (inMemory?.expiresAt ?? 0) - now, disk: (entry?.expiresAt ?? 0) - now }
}

describe.each(WAYS)('what %s finds', (_, read) => {
  it.each(CALLS)(
    'in Redis lives in memory and on disk as the call said: %s',
    async (_said, ttl, expected) => {
      const processes = await Processes.start()
      const writer = await processes.open({ news: false, ttl: USUAL })
      const reader = await processes.open({ news: false, ttl: USUAL })
      await writer.cache.set('k', 'v', { ttl })
      await read(reader)
      expect(await restIn(processes, reader)).toEqual(expected)
    },
  )

  it('on disk lives in memory as the call said, where the disk has it from Redis', async () => {
    const processes = await Processes.start()
    const writer = await processes.open({ news: false, ttl: USUAL })
    const reader = await processes.open({ news: false, ttl: USUAL })
    await writer.cache.set('k', 'v', { ttl: { memory: SECOND } })
    await read(reader)
    await reader.cache.drain()
    for (let time = 0; time < 3; time++) {
      processes.clock.advance(SECOND)
      expect(reader.cache.getLocal('k')).toBeUndefined()
      await read(reader)
      expect(await restIn(processes, reader)).toMatchObject({ memory: SECOND })
    }
    expect(reader.cache.stats().tiers.redis.hits).toBe(1)
  })
})

it('a loader sets lifetimes by tier that hold in other processes', async () => {
  const processes = await Processes.start()
  const loader = await processes.open({ news: false, ttl: USUAL })
  const reader = await processes.open({ news: false, ttl: USUAL })
  await loader.cache.getOrSet('k', ({ setTtl }) => {
    setTtl({ memory: 2 * SECOND, disk: 3 * MINUTE })
    return 'v'
  })
  await loader.cache.drain()
  await reader.cache.get('k')
  expect(await restIn(processes, reader)).toEqual({ memory: 2 * SECOND, disk: 3 * MINUTE })
})

it('a process with a tier that the writer has not gives it what its own options say', async () => {
  const processes = await Processes.start()
  const { disk: _, ...ttl } = USUAL
  const writer = await processes.open({ news: false, tiers: ['redis'], ttl })
  const reader = await processes.open({ news: false, ttl: USUAL })
  await writer.cache.set('k', 'v', { ttl: { memory: SECOND } })
  await reader.cache.get('k')
  expect(await restIn(processes, reader)).toEqual({ memory: SECOND, disk: HOUR })
})

it('a process without a tier that the writer has leaves it out', async () => {
  const processes = await Processes.start()
  const { disk: _, ...ttl } = USUAL
  const writer = await processes.open({ news: false, ttl: USUAL })
  const reader = await processes.open({ news: false, tiers: ['redis'], ttl })
  await writer.cache.set('k', 'v', { ttl: { memory: SECOND, disk: MINUTE } })
  await reader.cache.get('k')
  const { expiresAt } = (await reader.cache.getEntry('k')) as { expiresAt: number }
  expect(expiresAt - processes.clock.now()).toBe(SECOND)
})

it("what a process's own options say for memory is no other process's matter", async () => {
  const processes = await Processes.start()
  const writer = await processes.open({ news: false, ttl: { ...USUAL, memory: HOUR } })
  const reader = await processes.open({ news: false, ttl: { memory: SECOND, disk: HOUR } })
  await writer.cache.set('k', 'v')
  await reader.cache.get('k')
  expect(await restIn(processes, reader)).toMatchObject({ memory: SECOND })
})

it('memory keeps what comes from below no longer than it would have lived there', async () => {
  const processes = await Processes.start()
  const writer = await processes.open({ news: false, ttl: USUAL })
  const reader = await processes.open({ news: false, ttl: USUAL })
  await writer.cache.set('k', 'v', { ttl: { memory: 10 * MINUTE, redis: 12 * MINUTE } })
  processes.clock.advance(11 * MINUTE)
  await reader.cache.get('k')
  expect(await restIn(processes, reader)).toEqual({ memory: MINUTE, disk: MINUTE })
})
