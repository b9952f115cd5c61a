/**
 * Sliding entries: a read anywhere keeps them alive everywhere, at the cost of a write a tier for an eighth of the
 * lifetime, and brings nothing back that was changed meanwhile.
 */
import { describe, expect, it } from 'vitest'
import type { TierItem } from '../../../src/tiers/tier.js'
import type { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { MapTier } from '../support/map-tier.js'
import { type OneProcess, Processes } from '../support/processes.js'
import { createCache, createPair, HeldLoader } from '../support/tiered-fixture.js'
import { waitUntil } from '../support/wait-until.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const LIFETIME = 80 * MINUTE
const HELD = LIFETIME / 8
const SLIDING = { ttl: LIFETIME, sliding: true }

const READS: [string, (cache: TieredCache<string>) => Promise<unknown>][] = [
  ['get', (cache) => cache.get('k')],
  ['getMany', async (cache) => (await cache.getMany(['other', 'k']))[1]],
  ['getOrSet', (cache) => cache.getOrSet('k', () => 'loaded')],
  ['getEntry', async (cache) => (await cache.getEntry('k'))?.value],
]

/** Until when the tiers below have it fresh, from now on. */
async function restBelow(processes: Processes, { cache, disk, redis }: OneProcess) {
  await cache.drain()
  const now = processes.clock.now()
  const rest = async (tier: OneProcess['disk'] | OneProcess['redis']) => {
    const { entry } = await tier.get('k')
    return entry && entry.expiresAt - now
  }
  return { disk: await rest(disk), redis: await rest(redis) }
}

/** Resolves when this process has heard of all that others have written by now. */
async function untilHeard(reader: OneProcess, writer: OneProcess): Promise<void> {
  await reader.cache.set('heard', 'not yet')
  await writer.cache.set('heard', 'now')
  await waitUntil('the news is heard', () => reader.cache.getLocal('heard') !== 'not yet')
}

describe.each(READS)('%s', (_, read) => {
  it('in one process keeps an entry alive in all tiers, and for other processes', async () => {
    const processes = await Processes.start()
    const [writer, reader, other] = [
      await processes.open(),
      await processes.open(),
      await processes.open(),
    ]
    await writer.cache.set('k', 'v', SLIDING)
    await untilHeard(reader, writer)
    for (let time = 0; time < 3 * LIFETIME; time += HELD) {
      expect(await read(reader.cache)).toBe('v')
      await reader.cache.drain()
      processes.clock.advance(HELD)
    }
    expect(await read(other.cache)).toBe('v')
  })

  it('renews an entry in the tier that has it and in those below', async () => {
    const processes = await Processes.start()
    const one = await processes.open()
    await one.cache.set('k', 'v', SLIDING)
    processes.clock.advance(LIFETIME / 2)
    expect(await read(one.cache)).toBe('v')
    expect(await restBelow(processes, one)).toEqual({ disk: LIFETIME, redis: LIFETIME })
    processes.clock.advance(LIFETIME / 2)
    await one.disk.clear()
    expect(await read(one.cache)).toBe('v')
    expect(await restBelow(processes, one)).toMatchObject({ redis: LIFETIME })
  })
})

describe('a sliding entry', () => {
  it('is found for three quarters of its lifetime after the last read, and never after all of it', async () => {
    const processes = await Processes.start()
    const [one, other] = [await processes.open(), await processes.open()]
    await one.cache.set('k', 'v', SLIDING)
    await untilHeard(other, one)
    for (const pause of [HELD - 1, HELD, HELD + 1, 3 * HELD, 1, HELD / 2, HELD]) {
      processes.clock.advance(pause)
      expect(await other.cache.get('k')).toBe('v')
      await other.cache.drain()
    }
    processes.clock.advance((LIFETIME * 3) / 4)
    expect(await one.cache.get('k')).toBe('v')
    await one.cache.drain()
    processes.clock.advance(LIFETIME)
    expect(await one.cache.get('k')).toBeUndefined()
    expect(await other.cache.get('k')).toBeUndefined()
  })

  it('keeps its grace after its lifetime, however often it was renewed', async () => {
    const processes = await Processes.start()
    const one = await processes.open({ tiers: ['disk'] })
    await one.cache.set('k', 'v', { ...SLIDING, grace: MINUTE })
    for (let time = 0; time < 10; time++) {
      processes.clock.advance(2 * HELD)
      expect(await one.cache.get('k')).toBe('v')
      await one.cache.drain()
    }
    processes.clock.advance(LIFETIME)
    const rejecting = () => Promise.reject(new Error('away'))
    const options = { grace: MINUTE }
    expect(await one.cache.getOrSet('k', rejecting, options)).toBe('v')
    processes.clock.advance(MINUTE)
    await expect(one.cache.getOrSet('k', rejecting, options)).rejects.toThrow('away')
  })

  it('slides by the lifetime of each tier', async () => {
    const processes = await Processes.start()
    const one = await processes.open()
    await one.cache.set('k', 'v', { ttl: { disk: LIFETIME, redis: 2 * LIFETIME }, sliding: true })
    processes.clock.advance(HELD)
    expect(one.cache.getLocal('k')).toBeUndefined()
    await one.cache.get('k')
    expect(await restBelow(processes, one)).toEqual({ disk: LIFETIME, redis: 2 * LIFETIME - HELD })
    processes.clock.advance(HELD)
    await one.cache.get('k')
    expect(await restBelow(processes, one)).toEqual({ disk: LIFETIME, redis: 2 * LIFETIME })
  })

  it('slides for processes whose options say nothing of it, and no other entry does', async () => {
    const processes = await Processes.start()
    const [writer, reader] = [await processes.open(), await processes.open({ sliding: true })]
    await reader.cache.set('other', 'v', { ttl: LIFETIME, sliding: false })
    await writer.cache.set('k', 'v', SLIDING)
    await untilHeard(writer, reader)
    for (let time = 0; time < LIFETIME; time += HELD) {
      for (const { cache } of [writer, reader]) {
        expect(await cache.getMany(['k', 'other'])).toEqual(['v', 'v'])
        await cache.drain()
      }
      processes.clock.advance(HELD)
    }
    expect(await writer.cache.getMany(['k', 'other'])).toEqual(['v', undefined])
    expect(await reader.cache.getMany(['k', 'other'])).toEqual(['v', undefined])
  })

  it('outlives its own lifetime in memory alone too, and on disk without Redis', async () => {
    const { cache: alone, clock } = createCache<string>()
    await alone.set('k', 'v', SLIDING)
    const processes = await Processes.start()
    const onDisk = await processes.open({ tiers: ['disk'] })
    await onDisk.cache.set('k', 'v', SLIDING)
    for (let time = 0; time < 2 * LIFETIME; time += HELD) {
      expect(alone.getLocal('k')).toBe('v')
      expect(await onDisk.cache.get('k')).toBe('v')
      await onDisk.cache.drain()
      clock.advance(HELD)
      processes.clock.advance(HELD)
    }
  })

  it('without a lifetime below is renewed by memory, also when it came from below', async () => {
    const { cache, clock, tier } = createPair<string>()
    await cache.set('k', 'v', { ttl: { memory: MINUTE }, sliding: true })
    for (let time = 0; time < 3; time++) {
      if (time === 1) cache.memory.clear()
      expect(await cache.get('k')).toBe('v')
      clock.advance(MINUTE - 1)
      expect(cache.getLocal('k')).toBe('v')
      clock.advance(MINUTE - 1)
      expect(cache.getLocal('k')).toBe('v')
    }
    expect([tier.callsOf('get').length, tier.callsOf('setMany').length]).toEqual([1, 0])
  })

  it('costs a tier a write for an eighth of its lifetime, however often it is read', async () => {
    const { cache, clock, tier } = createPair<string>()
    await cache.set('k', 'v', SLIDING)
    const start = clock.now()
    const steps = 1000
    for (let step = 1; step <= steps; step++) {
      clock.advance((2 * LIFETIME) / steps)
      expect(await cache.get('k')).toBe('v')
      if (step % 100 === 0) cache.memory.clear()
    }
    await cache.drain()
    expect(tier.callsOf('setMany').length).toBeGreaterThanOrEqual(14)
    expect(tier.callsOf('setMany').length).toBeLessThanOrEqual(16)
    expect(tier.callsOf('get').length).toBeLessThanOrEqual(16 + steps / 100)
    expect(tier.entry('k')?.createdAt).toBe(start)
  })

  it('costs many processes together no more writes than one', async () => {
    const processes = await Processes.start()
    const three = [await processes.open(), await processes.open(), await processes.open()]
    let writes = 0
    for (const { redis } of three) {
      const setMany = redis.setMany.bind(redis)
      redis.setMany = async (items) => {
        const stored = await setMany(items)
        writes += stored.filter(Boolean).length
        return stored
      }
    }
    await three[0].cache.set('k', 'v', SLIDING)
    for (let time = 0; time < LIFETIME; time += HELD / 2) {
      processes.clock.advance(HELD / 2)
      for (const { cache } of three) {
        expect(await cache.get('k')).toBe('v')
        await cache.drain()
      }
    }
    expect(writes).toBeGreaterThanOrEqual(5)
    expect(writes).toBeLessThanOrEqual(8)
  })

  it('that is renewed for many keys asks each tier once', async () => {
    const clock = createPair().clock
    const [near, far] = ['near', 'far'].map((name) => new MapTier({ name, clock }))
    const { cache } = createCache<number>({ clock, lower: [near, far] })
    const keys = ['a', 'b', 'c']
    await cache.setMany(
      keys.map((key, index) => [key, index]),
      SLIDING,
    )
    clock.advance(HELD)
    near.calls.length = 0
    far.calls.length = 0
    expect(await cache.getMany(keys)).toEqual([0, 1, 2])
    await cache.drain()
    expect(near.calls).toEqual(['getMany a,b,c', 'setMany a,b,c'])
    expect(far.calls).toEqual(['getMany a,b,c', 'setMany a,b,c'])
  })

  it('stays in the memory and on the disk of the process that renews it', async () => {
    const processes = await Processes.start()
    const [one, other] = [await processes.open(), await processes.open()]
    await one.cache.set('k', 'v', SLIDING)
    for (let time = 0; time < 3; time++) {
      processes.clock.advance(HELD)
      expect(await one.cache.get('k')).toBe('v')
      await one.cache.drain()
      await untilHeard(one, other)
      expect(one.cache.getLocal('k')).toBe('v')
    }
    expect(one.cache.stats().tiers.disk).toMatchObject({ hits: 3, misses: 0 })
    expect(one.cache.stats().tiers.redis.hits).toBe(0)
  })
})

const CHANGES: [string, (cache: TieredCache<string>) => Promise<unknown>, string | undefined][] = [
  ['set', (cache) => cache.set('k', 'new'), 'new'],
  ['delete', (cache) => cache.delete('k'), undefined],
  ['take', (cache) => cache.take('k'), undefined],
  ['expire', (cache) => cache.expire('k'), undefined],
  ['invalidateTags', (cache) => cache.invalidateTags('t'), undefined],
  ['expireTags', (cache) => cache.expireTags('t'), undefined],
  ['deleteByPrefix', (cache) => cache.deleteByPrefix('k'), undefined],
  ['deleteByPattern', (cache) => cache.deleteByPattern('?'), undefined],
  ['clear', (cache) => cache.clear(), undefined],
]

describe.each(['disk', 'redis'] as const)('a renewal in %s', (name) => {
  /** What the tier does of a renewal waits for `before`. */
  function holdBack(one: OneProcess, before: () => Promise<unknown>): void {
    const tier = one[name]
    const setMany = tier.setMany.bind(tier)
    tier.setMany = async (items: readonly TierItem[]) => {
      if (items.some(({ options }) => options?.renews)) await before()
      return setMany(items)
    }
  }

  it.each(CHANGES)(
    'that comes after %s of its process brings nothing back',
    async (_, change, left) => {
      const processes = await Processes.start()
      const one = await processes.open()
      await one.cache.set('k', 'v', { ...SLIDING, tags: ['t'], grace: MINUTE })
      processes.clock.advance(HELD)
      let changed: Promise<unknown> | undefined
      holdBack(one, () => {
        changed = change(one.cache)
        return changed
      })
      expect(await one.cache.get('k')).toBe('v')
      await one.cache.drain()
      await changed
      one.cache.memory.clear()
      expect(await one.cache.get('k')).toBe(left)
      const { entry } = await one[name].get('k')
      const isFresh = entry !== undefined && entry.expiresAt > processes.clock.now()
      expect(isFresh).toBe(left !== undefined)
    },
  )

  it('keeps no load from being stored that has seen the entry before', async () => {
    const processes = await Processes.start()
    const tiers = [name]
    const [one, other] = [
      await processes.open({ tiers, news: false }),
      await processes.open({ tiers, news: false }),
    ]
    // Each has a disk of its own: there it is another load of the same process.
    const reader = name === 'redis' ? other : one
    await one.cache.set('k', 'v', SLIDING)
    processes.clock.advance(HELD)
    const seen = await one[name].get('k')
    expect(await reader.cache.get('k')).toBe('v')
    await reader.cache.drain()
    const renewed = await one[name].get('k')
    expect(renewed.entry?.expiresAt).toBe(processes.clock.now() + LIFETIME)
    const entry = { ...renewed.entry, payload: Buffer.from('loaded'), tags: [], createdAt: 0 }
    const stored = await one[name].set('k', entry as never, { ifUnchanged: seen })
    expect(stored).toBe(true)
    expect(String((await one[name].get('k')).entry?.payload)).toBe('loaded')
  })
})

// Why not by tracking: that tells of a renewal as of any write, and what is loaded meanwhile is not kept.
it.each(['pubsub', false] as const)(
  'a load that goes on while another process renews its entry is kept: news %s',
  async (news) => {
    const processes = await Processes.start()
    const tiers = ['redis'] as const
    const [loading, reading] = [
      await processes.open({ tiers, news }),
      await processes.open({ tiers, news }),
    ]
    await loading.cache.set('k', 'v', SLIDING)
    if (news !== false) await untilHeard(reading, loading)
    processes.clock.advance(HELD)
    const loader = new HeldLoader<string>()
    const loaded = loading.cache.getOrSet('k', loader.load, { ...SLIDING, forceFresh: true })
    await loader.begun()
    expect(await reading.cache.get('k')).toBe('v')
    await reading.cache.drain()
    loader.resolve('new')
    expect(await loaded).toBe('new')
    await loading.cache.drain()
    expect(loading.cache.getLocal('k')).toBe('new')
    loading.cache.memory.clear()
    expect(await loading.cache.get('k')).toBe('new')
  },
)

it('another entry under the key of one that was read is not renewed', async () => {
  const processes = await Processes.start()
  const [one, other] = [
    await processes.open({ news: false }),
    await processes.open({ news: false }),
  ]
  await one.cache.set('k', 'v', SLIDING)
  await other.cache.set('k', 'new', SLIDING)
  processes.clock.advance(HELD)
  expect(await one.cache.get('k')).toBe('v')
  expect(await restBelow(processes, one)).toEqual({ disk: LIFETIME, redis: LIFETIME - HELD })
})
