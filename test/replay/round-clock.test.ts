/** The time that threads share: the latest, whoever comes to it, and never back. */
import { describe, expect, it } from 'vitest'
import { RoundClock } from '../../src/replay/threads/round-clock.js'

const DAY_MS = 86_400_000

describe('the clock of several threads', () => {
  it('shows the latest time that any thread has come to', () => {
    const clock = RoundClock.create()
    clock.beginRound(1000, 5000)
    const other = RoundClock.attach(clock.memory)
    expect([clock.now(), other.now()]).toEqual([1000, 1000])
    clock.moveTo(3000)
    other.moveTo(2000)
    expect([clock.now(), other.now()]).toEqual([3000, 3000])
    other.moveTo(5000)
    expect([clock.now(), other.now()]).toEqual([5000, 5000])
  })

  it('goes on from round to round', () => {
    const clock = RoundClock.create()
    expect(clock.now()).toBeGreaterThan(0)
    clock.beginRound(10, 20)
    clock.moveTo(20)
    clock.beginRound(20, 20)
    clock.moveTo(20)
    expect(clock.now()).toBe(20)
  })

  it('spans years in one round, a few ms too early at most', () => {
    const clock = RoundClock.create()
    const lastMs = 3650 * DAY_MS
    clock.beginRound(1, lastMs)
    for (const timeMs of [DAY_MS, 100 * DAY_MS, 2000 * DAY_MS, lastMs]) {
      clock.moveTo(timeMs)
      expect(clock.now()).toBeLessThanOrEqual(timeMs + 1)
      expect(clock.now()).toBeGreaterThan(timeMs - 200)
    }
  })
})
