/** What is said of sizes and lifetimes, and what is not run, over made traces of which it is known. */
import { describe, expect, it, vi } from 'vitest'
import { parseSizes } from '../../../../src/replay/curve/sizes.js'
import { prepareRuns, run, withSearches } from './advice-helpers.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

prepareRuns()

describe('lifetimes', () => {
  const KEYS = 100
  const GAP_MS = 10_000
  const lines = Array.from(
    { length: KEYS * 50 },
    (_, index) => `${(index * GAP_MS) / KEYS / 1000},${index % KEYS}`,
  )

  it('are tried twice as long, and endless', async () => {
    const { of } = await run('timed.csv', ['time,key', ...lines], { ttlMs: GAP_MS * 0.6 })
    const found = of('lifetime')
    expect(found).toMatchObject({ size: 200, hitRatio: 0 })
    expect(found?.doubled.gain).toBeCloseTo(0.5)
    expect(found?.unlimited.gain).toBeCloseTo(0.98)
  })

  it('of the trace count as those of --ttl do', async () => {
    const own = lines.map((line) => `${line},6`)
    const { of } = await run('lifetimes.csv', ['time,key,ttl', ...own])
    expect(of('lifetime')?.doubled.gain).toBeCloseTo(0.5)
    expect(of('lifetime')?.unlimited.gain).toBeCloseTo(0.98)
  })

  it('are not spoken of where there are none', async () => {
    const { of } = await run('endless.csv', ['time,key', ...lines])
    expect(of('size')).toBeDefined()
    expect(of('lifetime')).toBeUndefined()
  })
})

describe('sizes', () => {
  it('do not help where nothing is asked for again: the share of first requests says so', async () => {
    const lines = Array.from({ length: 6000 }, (_, index) => String(index % 5000))
    const { of } = await run('once-only.keys', lines, { sizes: parseSizes('10%,20%,50%', '') })
    expect(of('size')).toMatchObject({ shape: 'flat', hitRatio: 0 })
    expect(of('size')?.firstRequests.share).toBeCloseTo(5 / 6)
  })

  it('have their knee where a loop fits', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) =>
      String(index % 2 === 0 ? index % 800 : 1000 + index),
    )
    const { of } = await run('loop.keys', lines, {
      sizes: parseSizes('200entries,400entries,800entries,1600entries,3200entries', ''),
    })
    expect(of('size')).toMatchObject({ shape: 'knee', size: 800 })
    expect(of('size')?.halved?.gain).toBeLessThan(-0.4)
  })
})

describe('what is not run', () => {
  it('are trials over keys that are numbers, and any advice that nobody asked for', async () => {
    const lines = withSearches(5000, 0).map((key) => key.replace(/\D/g, ''))
    const phases = new Set<string>()
    const onProgress = (phase: string) => phases.add(phase)
    await run('numbers.keys', lines, {}, { onProgress })
    const { result } = await run(
      'unasked.keys',
      withSearches(5000, 0.5),
      { advice: false },
      { onProgress },
    )
    expect(phases).toEqual(new Set(['reading', 'simulating']))
    expect(result.advice).toEqual([])
  })

  it('is advice from a curve that was broken off, or from a handful of requests', async () => {
    const stop = new AbortController()
    const { result } = await run(
      'broken-off.keys',
      withSearches(20_000, 0.4),
      {},
      { signal: stop.signal, onProgress: () => stop.abort() },
    )
    expect(result).toMatchObject({ interrupted: true, advice: [] })
    const { result: few } = await run('few.keys', withSearches(500, 0.4))
    expect(few.advice).toEqual([])
  })

  it('are trials that come after the signal: the size is known by then', async () => {
    const stop = new AbortController()
    const { result, of } = await run(
      'late.keys',
      withSearches(40_000, 0.4),
      {},
      {
        signal: stop.signal,
        onProgress: (phase) => phase === 'advising' && stop.abort(),
      },
    )
    expect(result.interrupted).toBe(true)
    expect(result.curves[0].points).toHaveLength(1)
    expect(result.advice[0]).toMatchObject({ kind: 'size' })
    expect(of('uncached')?.rest).toBeUndefined()
  })
})
