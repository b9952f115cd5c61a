/** A tier that fails again and again is not asked any more, until it works again. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { entryOf, textOf } from '../support/scripted-tier.js'
import { answered, guarded, recover } from './guard-helpers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('opens after so many failures in a row, and then answers without the tier', async () => {
  const { guard, tier, names } = guarded({ retry: false, breaker: { failures: 3 } })
  tier.fault = () => 'reject'
  await guard.get('a')
  await guard.get('a')
  tier.fault = () => 'none'
  await guard.get('a')
  tier.fault = () => 'reject'
  for (let call = 0; call < 3; call++) await guard.get('a')
  expect(guard.stats().breaker).toBe('open')
  expect(names()).toEqual(['tier-error', 'tier-down'])
  const before = tier.calls.length
  expect(await guard.get('a')).toBe(undefined)
  expect(await guard.set('a', entryOf('1'))).toBe('failed')
  expect(tier.calls).toHaveLength(before)
  expect(guard.stats()).toMatchObject({ rejectedByBreaker: 2, pendingRepairs: 1 })
})

it('looks whether the tier works again by itself, then repairs before it reads', async () => {
  const { guard, tier, names } = guarded({ breaker: { failures: 1 } })
  await guard.set('a', entryOf('old'))
  tier.fault = () => 'reject'
  await answered(guard.set('a', entryOf('new')))
  await vi.advanceTimersByTimeAsync(20_000)
  expect(guard.stats().breaker).toBe('open')
  expect(names().filter((name) => name === 'tier-down')).toHaveLength(1)
  expect(tier.callsOf('get').length).toBeGreaterThan(15)
  tier.fault = () => 'none'
  await recover()
  expect(guard.stats()).toMatchObject({ breaker: 'closed', pendingRepairs: 0 })
  expect(names().slice(-2)).toEqual(['tier-up', 'repaired'])
  expect(textOf(await guard.get('a'))).toBe(undefined)
  expect(tier.valueOf('a')).toBe(undefined)
})

it('asks a tier that hangs with one probe at a time', async () => {
  const { guard, tier } = guarded({ breaker: { failures: 1 } })
  tier.fault = () => 'hang'
  await answered(guard.get('a'))
  const before = tier.calls.length
  await vi.advanceTimersByTimeAsync(10_000)
  const probes = tier.calls.length - before
  expect(probes).toBeGreaterThan(3)
  expect(probes).toBeLessThan(11)
})

it('looks at once when the tier says that it is back', async () => {
  const { guard, tier, names } = guarded({ breaker: { failures: 1, halfOpenAfter: '1h' } })
  tier.fault = () => 'reject'
  await answered(guard.delete(['a']))
  guard.onNews({ kind: 'lost' })
  tier.fault = () => 'none'
  guard.onNews({ kind: 'back' })
  await vi.advanceTimersByTimeAsync(0)
  expect(guard.stats()).toMatchObject({ breaker: 'closed', pendingRepairs: 0 })
  expect(names()).toEqual(['tier-down', 'tier-error', 'write-failed', 'tier-up', 'repaired'])
})

it('tells of a lost connection as of an open breaker, once for both', async () => {
  const { guard, tier, names } = guarded({ breaker: { failures: 1 } })
  guard.onNews({ kind: 'lost' })
  tier.fault = () => 'reject'
  await answered(guard.get('a'))
  tier.fault = () => 'none'
  await recover()
  expect(names()).toEqual(['tier-down', 'tier-error'])
  guard.onNews({ kind: 'back' })
  expect(names()).toEqual(['tier-down', 'tier-error', 'tier-up'])
})

it('asks every time where there is no breaker, and repairs all the same', async () => {
  const { guard, tier } = guarded({ breaker: false, retry: false })
  tier.fault = () => 'reject'
  for (let call = 0; call < 20; call++) await guard.get('a')
  await guard.delete(['b'])
  expect(tier.callsOf('get')).toHaveLength(20)
  tier.fault = () => 'none'
  await recover()
  expect(guard.stats()).toMatchObject({ breaker: 'closed', pendingRepairs: 0 })
})

it('keeps no timer while nothing is wrong', async () => {
  const { guard, tier } = guarded({ breaker: { failures: 1 } })
  await guard.set('a', entryOf('1'))
  expect(vi.getTimerCount()).toBe(0)
  tier.fault = () => 'reject'
  await answered(guard.get('a'))
  expect(vi.getTimerCount()).toBe(1)
  tier.fault = () => 'none'
  await recover()
  expect(vi.getTimerCount()).toBe(0)
})

it('knows how long the last calls took', async () => {
  const { guard, tier } = guarded()
  expect(guard.stats()).toMatchObject({ p50Ms: 0, p99Ms: 0 })
  tier.fault = () => 'late'
  const slow = guard.get('a')
  await vi.advanceTimersByTimeAsync(70)
  tier.releaseAll()
  await slow
  tier.fault = () => 'none'
  for (let call = 0; call < 9; call++) await guard.get('a')
  expect(guard.stats().p50Ms).toBeLessThan(1)
  expect(guard.stats().p99Ms).toBe(70)
})
