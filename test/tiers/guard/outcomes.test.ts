/** What callers of a guard hear, whatever the tier does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { entryOf, type Fault, textOf } from '../support/scripted-tier.js'
import { answered, guarded } from './guard-helpers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const FAULTS: Fault[] = ['reject', 'throw', 'done-reject', 'hang', 'late', 'late-reject', 'wrong']

describe('a guard around a tier that works', () => {
  it('answers as the tier does', async () => {
    const { guard, tier } = guarded()
    expect(await guard.set('a', entryOf('1', ['t']))).toBe('stored')
    expect(
      await guard.setMany([
        { key: 'b', entry: entryOf('2') },
        { key: 'c', entry: entryOf('3') },
      ]),
    ).toEqual(['stored', 'stored'])
    expect(textOf(await guard.get('a'))).toBe('1')
    expect((await guard.getMany(['c', 'none', 'b']))?.map(textOf)).toEqual(['3', undefined, '2'])
    const keys: string[] = []
    for await (const key of guard.keys()) keys.push(key)
    expect(keys).toEqual(['a', 'b', 'c'])
    expect(await guard.delete(['b', 'none'])).toEqual({ outcome: 'stored', found: [true, false] })
    const { entry } = await guard.take('c')
    expect(textOf({ entry, seen: undefined })).toBe('3')
    expect(await guard.expire(['a', 'c'])).toEqual({ outcome: 'stored', found: [true, false] })
    expect(await guard.invalidateTags(['t'], false)).toBe('stored')
    expect(textOf(await guard.get('a'))).toBe(undefined)
    await guard.set('x:1', entryOf('1'))
    expect(await guard.deleteByPrefix('x:')).toEqual({ outcome: 'stored', count: 1 })
    await guard.set('x:1', entryOf('1'))
    expect(await guard.deleteByPattern('x:?')).toEqual({ outcome: 'stored', count: 1 })
    expect(await guard.clear()).toBe('stored')
    expect(tier.kept.size).toBe(0)
    expect(guard.stats()).toMatchObject({ failures: 0, breaker: 'closed', pendingRepairs: 0 })
  })

  it('stores a fill only where the key is as it was seen', async () => {
    const { guard } = guarded()
    const before = await guard.get('a')
    const fill = { ifUnchanged: { seen: before?.seen } }
    await guard.set('a', entryOf('new'))
    expect(await guard.set('a', entryOf('old'), fill)).toBe('refused')
    expect(textOf(await guard.get('a'))).toBe('new')
  })

  it('answers a batch of fills and writes in its order', async () => {
    const { guard } = guarded()
    const changed = await guard.get('changed')
    const fresh = await guard.get('fresh')
    await guard.set('changed', entryOf('new'))
    const outcomes = await guard.setMany([
      { key: 'w1', entry: entryOf('1') },
      { key: 'changed', entry: entryOf('old'), options: { ifUnchanged: { seen: changed?.seen } } },
      { key: 'w2', entry: entryOf('2') },
      { key: 'fresh', entry: entryOf('3'), options: { ifUnchanged: { seen: fresh?.seen } } },
    ])
    expect(outcomes).toEqual(['stored', 'refused', 'stored', 'stored'])
  })
})

describe.each(FAULTS)('a guard around a tier whose calls end in %s', (fault) => {
  it('answers every read with undefined and every write with failed, in its time', async () => {
    const { guard, tier } = guarded({ breaker: false, scanTimeout: '5s' })
    tier.fault = () => fault
    const reads = Promise.all([
      guard.get('a'),
      guard.getMany(['a', 'b']),
      guard.lease('a', 1000),
      guard.leaseEnd('a', 1000),
    ])
    const [finding, findings, lease] = await answered(reads)
    expect([finding, findings]).toEqual([undefined, undefined])
    expect(lease).toBe('failed')
    const writes = Promise.all([
      guard.set('a', entryOf('1')),
      guard.setMany([{ key: 'b', entry: entryOf('1') }]),
      guard.delete(['c']),
      guard.expire(['d']),
    ])
    expect(await answered(writes)).toEqual([
      'failed',
      ['failed'],
      { outcome: 'failed', found: [false] },
      { outcome: 'failed', found: [false] },
    ])
    expect(await answered(guard.take('e'))).toEqual({ outcome: 'failed', entry: undefined })
    const byPrefix = await answered(guard.deleteByPrefix('p'))
    const byPattern = await answered(guard.deleteByPattern('p*'))
    expect([byPrefix, byPattern]).toEqual([
      { outcome: 'failed', count: 0 },
      { outcome: 'failed', count: 0 },
    ])
    // What these answer is nothing.
    if (fault !== 'wrong') {
      expect(await answered(guard.invalidateTags(['t'], true))).toBe('failed')
      expect(await answered(guard.clear())).toBe('failed')
    }
    const keys: string[] = []
    const walk = (async () => {
      for await (const key of guard.keys()) keys.push(key)
    })()
    await answered(walk)
    tier.releaseAll()
    await answered(guard.close())
    expect(tier.isClosed).toBe(true)
  })
})

it('answers within the timeout, retries and waits for other writes included', async () => {
  const { guard, tier } = guarded({ timeout: 200, breaker: false, retry: { attempts: 5 } })
  tier.fault = () => 'hang'
  const begunAt = performance.now()
  await answered(Promise.all([guard.get('a'), guard.set('a', entryOf('1')), guard.delete(['a'])]))
  expect(performance.now() - begunAt).toBeLessThanOrEqual(210)
})

it('tries reads twice and writes three times where they reject', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'reject'
  await answered(guard.get('a'))
  await answered(guard.set('b', entryOf('1')))
  expect(tier.callsOf('get')).toHaveLength(2)
  expect(tier.callsOf('set')).toHaveLength(3)
  expect(guard.stats()).toMatchObject({ calls: 2, failures: 2, retries: 3 })
})

it('tries nothing twice that has timed out', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'hang'
  await answered(Promise.all([guard.get('a'), guard.set('b', entryOf('1'))]))
  expect(tier.calls.filter((call) => call !== 'delete b')).toEqual(['get a', 'set b'])
  expect(guard.stats()).toMatchObject({ timeouts: 2, retries: 0 })
})

it('tells of failures of one operation once a second, with their number', async () => {
  const { guard, tier, told } = guarded({ retry: false, breaker: false })
  tier.fault = () => 'reject'
  for (let call = 0; call < 5; call++) await guard.get('a')
  await vi.advanceTimersByTimeAsync(1000)
  await guard.get('a')
  const errors = told.filter(({ name }) => name === 'tier-error')
  expect(errors.map(({ event }) => [event.operation, event.count])).toEqual([
    ['get', 1],
    ['get', 5],
  ])
})

it('gives a lease back that was granted too late', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'late'
  expect(await answered(guard.lease('a', 1000))).toBe('failed')
  tier.releaseAll()
  await vi.advanceTimersByTimeAsync(0)
  expect(tier.released).toEqual(['a'])
})

it('answers at once when it is closed, and closes its tier once', async () => {
  const { guard, tier } = guarded()
  await answered(Promise.all([guard.close(), guard.close()]))
  expect(await guard.get('a')).toBe(undefined)
  expect(await guard.set('a', entryOf('1'))).toBe('failed')
  expect(tier.calls).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

it('fails where a pattern is none, with no repair', async () => {
  const { guard, tier } = guarded()
  expect(await guard.deleteByPattern('x'.repeat(200_000))).toEqual({ outcome: 'failed', count: 0 })
  expect(guard.stats().pendingRepairs).toBe(0)
  expect(tier.calls).toEqual([])
})
