/** A tier that answers `get` at once: callers of the guard hear the same as of one that answers by a promise. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TierFinding } from '../../../src/tiers/tier.js'
import { entryOf, ScriptedTier, textOf } from '../support/scripted-tier.js'
import { answered, guarded, recover } from './guard-helpers.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Of its faults it knows none, 'throw' and 'wrong'. */
class PromptTier extends ScriptedTier {
  askedCount = 0

  getAtOnce(key: string): TierFinding {
    this.askedCount++
    const fault = this.fault('getAtOnce', [key])
    if (fault === 'throw') throw new Error('it fails')
    return { entry: fault === 'wrong' ? (7 as never) : this.kept.get(key)?.entry, seen: undefined }
  }
}

it('answers without a call of get, and counts the call', async () => {
  const { guard, tier } = guarded({}, new PromptTier())
  await guard.set('a', entryOf('1'))
  expect(textOf(await guard.get('a'))).toBe('1')
  expect(textOf(await guard.get('none'))).toBe(undefined)
  expect(tier.callsOf('get')).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
  expect(guard.stats()).toMatchObject({ calls: 3, failures: 0, retries: 0 })
})

it.each(['throw', 'wrong'] as const)(
  'answers with undefined where it fails, after as many attempts as of another tier: %s',
  async (fault) => {
    const { guard, tier, told } = guarded({}, new PromptTier())
    tier.fault = () => fault
    expect(await answered(guard.get('a'))).toBe(undefined)
    expect(tier.askedCount).toBe(2)
    expect(guard.stats()).toMatchObject({ calls: 1, failures: 1, retries: 1 })
    expect(told).toMatchObject([{ name: 'tier-error', event: { operation: 'get' } }])
  },
)

it('answers by the second attempt where the first fails', async () => {
  const { guard, tier } = guarded({}, new PromptTier())
  await guard.set('a', entryOf('1'))
  tier.fault = () => (tier.askedCount === 1 ? 'throw' : 'none')
  expect(textOf(await answered(guard.get('a')))).toBe('1')
  expect(guard.stats()).toMatchObject({ failures: 0, retries: 1 })
})

it('opens the breaker by failures in a row alone, and is not asked while it is open', async () => {
  const { guard, tier, names } = guarded(
    { retry: false, breaker: { failures: 3 } },
    new PromptTier(),
  )
  for (const fault of ['throw', 'throw', 'none', 'throw', 'throw'] as const) {
    tier.fault = () => fault
    await guard.get('a')
  }
  expect(guard.stats().breaker).toBe('closed')
  await guard.get('a')
  expect(guard.stats().breaker).toBe('open')
  const before = tier.askedCount
  expect(await guard.get('a')).toBe(undefined)
  expect(tier.askedCount).toBe(before)
  expect(guard.stats()).toMatchObject({ rejectedByBreaker: 1 })
  tier.fault = () => 'none'
  await recover()
  expect(names().slice(-1)).toEqual(['tier-up'])
  expect(await guard.get('a')).toMatchObject({ entry: undefined })
})

it('is not asked before it is open', async () => {
  const { guard, tier } = guarded({}, new PromptTier())
  let opened = (): void => {}
  tier.open = () =>
    new Promise((resolve) => {
      opened = resolve
    })
  const opening = guard.open()
  const get = guard.get('a')
  await vi.advanceTimersByTimeAsync(10)
  expect(tier.askedCount).toBe(0)
  opened()
  await opening
  expect(await get).toMatchObject({ entry: undefined })
  expect(tier.askedCount).toBe(1)
})

it('is not asked while a write of the key is under way, nor after the guard was closed', async () => {
  const { guard, tier } = guarded({}, new PromptTier())
  tier.fault = (operation) => (operation === 'set' ? 'late' : 'none')
  const write = guard.set('a', entryOf('1'))
  expect(await guard.get('a')).toMatchObject({ entry: undefined })
  expect(tier.askedCount).toBe(0)
  tier.release()
  expect(await write).toBe('stored')
  await answered(guard.close())
  expect(await guard.get('a')).toBe(undefined)
  expect(tier.askedCount).toBe(0)
})
