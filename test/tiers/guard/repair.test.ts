/** What a tier has missed is hidden, and made good when the tier works again. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { InvalidOptionError } from '../../../src/cache/errors.js'
import { entryOf, textOf } from '../support/scripted-tier.js'
import { answered, guarded, recover } from './guard-helpers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it.each(['reject', 'done-reject', 'hang'] as const)(
  'hides a key after a set that ended in %s, and deletes it later',
  async (fault) => {
    const { guard, tier, told } = guarded()
    await guard.set('a', entryOf('old'))
    await guard.set('b', entryOf('other'))
    tier.fault = (operation) => (operation.startsWith('get') ? 'none' : fault)
    expect(await answered(guard.set('a', entryOf('new')))).toBe('failed')
    expect(textOf(await guard.get('a'))).toBe(undefined)
    expect((await guard.getMany(['a', 'b']))?.map(textOf)).toEqual([undefined, 'other'])
    expect(guard.stats().pendingRepairs).toBe(1)
    tier.fault = () => 'none'
    await vi.advanceTimersByTimeAsync(12_000)
    expect(tier.valueOf('a')).toBe(undefined)
    expect(guard.stats()).toMatchObject({ pendingRepairs: 0, repaired: 1 })
    expect(told).toContainEqual({
      name: 'write-failed',
      event: { tier: 'scripted', operation: 'set', keys: ['a'], error: expect.any(Error) },
    })
    expect(told).toContainEqual({
      name: 'repaired',
      event: { tier: 'scripted', keys: 1, all: false },
    })
    expect(await guard.set('a', entryOf('newer'))).toBe('stored')
    expect(textOf(await guard.get('a'))).toBe('newer')
  },
)

it('shows a key again after a set that is done, with no repair', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'reject'
  await answered(guard.set('a', entryOf('1')))
  tier.fault = () => 'none'
  expect(await guard.set('a', entryOf('2'))).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe('2')
  await recover()
  expect(tier.callsOf('delete')).toEqual([])
})

it('refuses fills of what is hidden', async () => {
  const { guard, tier } = guarded()
  const before = await guard.get('a')
  tier.fault = () => 'reject'
  await answered(guard.delete(['a']))
  tier.fault = () => 'none'
  const hidden = await guard.get('a')
  for (const finding of [before, hidden]) {
    const fill = { ifUnchanged: { seen: finding?.seen } }
    expect(await guard.set('a', entryOf('old'), fill)).toBe('refused')
  }
  await recover()
  expect(await guard.set('a', entryOf('old'), { ifUnchanged: { seen: hidden?.seen } })).toBe(
    'refused',
  )
  expect(tier.callsOf('set')).toEqual([])
})

it('marks nothing where a fill failed', async () => {
  const { guard, tier } = guarded()
  const seen = (await guard.get('a'))?.seen
  tier.fault = () => 'reject'
  expect(await answered(guard.set('a', entryOf('1'), { ifUnchanged: { seen } }))).toBe('failed')
  expect(guard.stats().pendingRepairs).toBe(0)
})

it('deletes what a full tier did not store', async () => {
  const { guard, tier } = guarded()
  await guard.set('a', entryOf('old'))
  const full = vi.spyOn(tier, 'set').mockResolvedValue(false)
  expect(await guard.set('a', entryOf('new'))).toBe('refused')
  full.mockRestore()
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.valueOf('a')).toBe(undefined)
})

describe('an invalidation that failed', () => {
  it('by tags hides the entries that have them, until it is done', async () => {
    const { guard, tier } = guarded()
    await guard.set('a', entryOf('1', ['t', 'u']))
    await guard.set('b', entryOf('2', ['u']))
    tier.fault = () => 'reject'
    expect(await answered(guard.invalidateTags(['t'], false))).toBe('failed')
    tier.fault = (operation) => (operation === 'invalidateTags' ? 'reject' : 'none')
    expect((await guard.getMany(['a', 'b']))?.map(textOf)).toEqual([undefined, '2'])
    expect((await guard.take('a')).entry).toBe(undefined)
    tier.fault = () => 'none'
    await recover()
    expect(guard.stats().pendingRepairs).toBe(0)
    expect(tier.valueOf('b')).toBe('2')
  })

  it('by prefix or pattern hides the keys, until it is done', async () => {
    const { guard, tier } = guarded()
    for (const key of ['user:1', 'feed:1:x', 'page:1']) await guard.set(key, entryOf(key))
    tier.fault = () => 'reject'
    await answered(guard.deleteByPrefix('user:'))
    await answered(guard.deleteByPattern('feed:*:x'))
    tier.fault = () => 'none'
    const keys = ['user:1', 'feed:1:x', 'page:1']
    expect((await guard.getMany(keys))?.map(textOf)).toEqual([undefined, undefined, 'page:1'])
    await recover()
    expect(keys.map((key) => tier.valueOf(key))).toEqual([undefined, undefined, 'page:1'])
    expect(guard.stats().pendingRepairs).toBe(0)
  })

  it('of everything hides everything, until it is done', async () => {
    const { guard, tier, told } = guarded()
    await guard.set('a', entryOf('1'))
    tier.fault = () => 'reject'
    expect(await answered(guard.clear())).toBe('failed')
    tier.fault = () => 'none'
    expect(guard.stats().pendingRepairs).toBe(Number.POSITIVE_INFINITY)
    expect(textOf(await guard.get('a'))).toBe(undefined)
    await recover()
    expect(tier.kept.size).toBe(0)
    expect(told.at(-1)).toEqual({
      name: 'repaired',
      event: { tier: 'scripted', keys: 0, all: true },
    })
  })

  it('needs no repair where it was done again', async () => {
    const { guard, tier } = guarded()
    tier.fault = () => 'reject'
    await answered(guard.invalidateTags(['t'], true))
    await answered(guard.deleteByPrefix('p'))
    tier.fault = () => 'none'
    await guard.invalidateTags(['t'], false)
    await guard.deleteByPrefix('p')
    expect(guard.stats().pendingRepairs).toBe(0)
  })
})

it('clears the tier where there are more keys to repair than may be listed', async () => {
  const { guard, tier } = guarded({ maxRepairs: 10 })
  await guard.set('a', entryOf('1'))
  tier.fault = () => 'reject'
  const keys = Array.from({ length: 11 }, (_, index) => `key ${index}`)
  await answered(guard.delete(keys))
  tier.fault = () => 'none'
  expect(guard.stats().pendingRepairs).toBe(Number.POSITIVE_INFINITY)
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.callsOf('clear')).toHaveLength(1)
  expect(guard.stats().pendingRepairs).toBe(0)
})

it('repairs in batches', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'reject'
  const keys = Array.from({ length: 1200 }, (_, index) => `key ${index}`)
  await answered(guard.delete(keys))
  const before = tier.calls.length
  tier.fault = () => 'none'
  await recover()
  const sizes = tier.calls.slice(before).map((call) => call.split(',').length)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
  expect(guard.stats()).toMatchObject({ pendingRepairs: 0, repaired: 1200 })
})

it('is not held up by a key that the tier can never delete', async () => {
  const { guard, tier } = guarded({ breaker: false })
  tier.fault = () => 'reject'
  const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`)
  await answered(guard.delete(['poison', ...keys]))
  await answered(guard.invalidateTags(['t'], false))
  tier.fault = (_operation, asked) => (asked.includes('poison') ? 'reject' : 'none')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(guard.stats()).toMatchObject({ pendingRepairs: 1, repaired: 40 })
})

it('forgets a key that the tier says can be no key', async () => {
  const { guard, tier } = guarded()
  const invalid = new InvalidOptionError('key', 'a', 'other keys')
  vi.spyOn(tier, 'set').mockRejectedValue(invalid)
  expect(await guard.set('a', entryOf('1'))).toBe('failed')
  expect(guard.stats().pendingRepairs).toBe(0)
})

it('tries once more to repair when it is closed', async () => {
  const { guard, tier } = guarded()
  await guard.set('a', entryOf('old'))
  tier.fault = () => 'reject'
  await answered(guard.set('a', entryOf('new')))
  tier.fault = () => 'none'
  await answered(guard.close())
  expect(tier.valueOf('a')).toBe(undefined)
})

it('does not begin a scan again beside one that has not ended', async () => {
  const { guard, tier } = guarded({ scanTimeout: '2s' })
  tier.fault = (operation) => (operation === 'deleteByPrefix' ? 'late' : 'none')
  expect((await answered(guard.deleteByPrefix('p'))).outcome).toBe('failed')
  await recover()
  expect(tier.callsOf('deleteByPrefix')).toHaveLength(1)
  tier.fault = () => 'none'
  tier.release()
  await recover()
  expect(tier.callsOf('deleteByPrefix')).toHaveLength(2)
  expect(guard.stats().pendingRepairs).toBe(0)
})
