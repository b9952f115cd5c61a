/** Writes of one key reach the tier in the order in which they were begun. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { entryOf, textOf } from '../support/scripted-tier.js'
import { answered, guarded, recover } from './guard-helpers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

it('sends a write of a key when the one before it has its answer', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'late'
  const first = guard.set('a', entryOf('1'))
  const second = guard.delete(['a'])
  const other = guard.set('b', entryOf('2'))
  await settle()
  expect(tier.calls).toEqual(['set a', 'set b'])
  tier.release()
  await settle()
  expect(tier.calls).toEqual(['set a', 'set b', 'delete a'])
  tier.releaseAll()
  expect(await answered(Promise.all([first, second, other]))).toEqual([
    'stored',
    { outcome: 'stored', found: [true] },
    'stored',
  ])
  expect(tier.valueOf('a')).toBe(undefined)
})

it('leaves out what newer writes have overtaken while it waited', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'late'
  const outcomes = Promise.all(['1', '2', '3', '4'].map((value) => guard.set('a', entryOf(value))))
  await settle()
  tier.release()
  await settle()
  tier.releaseAll()
  expect(await answered(outcomes)).toEqual(['stored', 'refused', 'refused', 'stored'])
  expect(tier.callsOf('set')).toHaveLength(2)
  expect(tier.valueOf('a')).toBe('4')
  expect(guard.stats().superseded).toBe(2)
})

it('does not try a write again that a newer one has overtaken', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => (tier.calls.length === 1 ? 'reject' : 'none')
  const first = guard.set('a', entryOf('1'))
  const second = guard.set('a', entryOf('2'))
  expect(await answered(Promise.all([first, second]))).toEqual(['refused', 'stored'])
  expect(tier.calls).toEqual(['set a', 'set a'])
  expect(textOf(await guard.get('a'))).toBe('2')
  expect(guard.stats().pendingRepairs).toBe(0)
})

it('does not let a write overtake a take', async () => {
  const { guard, tier } = guarded()
  tier.fault = () => 'late'
  const first = guard.set('a', entryOf('1'))
  const taken = guard.take('a')
  const second = guard.set('a', entryOf('2'))
  for (let call = 0; call < 3; call++) {
    await settle()
    tier.release()
  }
  await settle()
  expect(await first).toBe('stored')
  expect(textOf({ entry: (await taken).entry, seen: undefined })).toBe('1')
  expect(await second).toBe('stored')
  expect(tier.valueOf('a')).toBe('2')
})

it('sends the idle keys of a batch together, and the others each in its turn', async () => {
  const { guard, tier } = guarded()
  tier.fault = (operation) => (operation === 'set' ? 'late' : 'none')
  const first = guard.set('b', entryOf('1'))
  const batch = guard.setMany(['a', 'b', 'c'].map((key) => ({ key, entry: entryOf(`new ${key}`) })))
  await settle()
  expect(tier.calls).toEqual(['set b', 'setMany a,c'])
  tier.release()
  expect(await answered(batch)).toEqual(['stored', 'stored', 'stored'])
  expect(await first).toBe('stored')
  expect(tier.valueOf('b')).toBe('new b')
})

it('keeps the last of a key that a batch has twice', async () => {
  const { guard, tier } = guarded()
  const batch = ['1', '2'].map((value) => ({ key: 'a', entry: entryOf(value) }))
  expect(await answered(guard.setMany(batch))).toEqual(['refused', 'stored'])
  expect(tier.valueOf('a')).toBe('2')
})

it('sends nothing after a write that has timed out, until it has ended', async () => {
  const { guard, tier } = guarded({ breaker: false })
  tier.fault = () => 'late'
  expect(await answered(guard.set('a', entryOf('old')))).toBe('failed')
  tier.fault = () => 'none'
  expect(await guard.set('a', entryOf('new'))).toBe('failed')
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.calls).toEqual(['set a'])

  // It arrives after all: it is deleted, not shown.
  tier.release()
  expect(tier.valueOf('a')).toBe('old')
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.valueOf('a')).toBe(undefined)
  expect(await guard.set('a', entryOf('newest'))).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe('newest')
})

it('takes a write for lost that has not ended after ten timeouts, and repairs again if it does', async () => {
  const { guard, tier } = guarded({ breaker: false })
  tier.fault = () => 'late'
  expect(await answered(guard.set('a', entryOf('old')))).toBe('failed')
  tier.fault = () => 'none'
  await vi.advanceTimersByTimeAsync(12_000)
  expect(await guard.set('a', entryOf('new'))).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe('new')
  tier.release()
  await settle()
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.valueOf('a')).toBe(undefined)
  expect(guard.stats().pendingRepairs).toBe(0)
})

it('does not leave what was stored by a write that an invalidation was begun after', async () => {
  const { guard, tier } = guarded()
  tier.fault = (operation) => (operation === 'set' ? 'late' : 'none')
  const set = guard.set('a', entryOf('1', ['t']))
  await settle()
  expect(await guard.invalidateTags(['t'], false)).toBe('stored')
  tier.release()
  expect(await answered(set)).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe(undefined)
  await recover()
  expect(tier.valueOf('a')).toBe(undefined)
})

it('hides a key while a write of it may arrive, even where the tier was cleared since', async () => {
  const { guard, tier } = guarded({ breaker: false })
  tier.fault = () => 'late'
  expect(await answered(guard.set('a', entryOf('old')))).toBe('failed')
  tier.fault = () => 'none'
  expect(await guard.clear()).toBe('stored')
  // It has arrived; that it has is not known yet.
  await tier.set('a', entryOf('old'))
  expect(textOf(await guard.get('a'))).toBe(undefined)
  tier.release()
  await recover()
  expect(tier.valueOf('a')).toBe(undefined)
})

it('hides a key between the answer of an overtaken write and the write that overtook it', async () => {
  const { guard, tier } = guarded()
  tier.fault = (operation) => (operation === 'set' ? 'late' : 'none')
  const first = guard.set('a', entryOf('1'))
  const second = guard.set('a', entryOf('2'))
  const third = guard.set('a', entryOf('3'))
  expect(await answered(second)).toBe('refused')
  tier.release()
  expect(await answered(first)).toBe('stored')
  expect(tier.valueOf('a')).toBe('1')
  expect(textOf(await guard.get('a'))).toBe(undefined)
  tier.release()
  expect(await answered(third)).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe('3')
  await recover()
  expect(tier.callsOf('delete')).toEqual([])
})
