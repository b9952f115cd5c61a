/** What is said of sizes, from curves that are made up. */
import { describe, expect, it } from 'vitest'
import { adviseOnSize, curveToAdviseOn } from '../../../../src/replay/curve/advice/knee.js'
import type { Curve, CurvePoint, CurveResult } from '../../../../src/replay/curve/spec.js'

const WORKING_SET = 10_000
const FIRSTS = { share: 0.1, error: 0 }

function curveOf(ratios: Record<number, number>, error = 0, policy = 'adaptive'): Curve {
  const points = Object.entries(ratios).map(([text, hitRatio]): CurvePoint => {
    const size = Number(text)
    const share = size / WORKING_SET
    const bytes = { byteHitRatio: hitRatio, byteHitRatioError: error }
    return { size, share, hitRatio, hitRatioError: error, ...bytes, requestsPerSecond: 1 }
  })
  return { policy, title: policy, source: '', points }
}

function resultOf(curve: Curve, rate = 1): CurveResult {
  return {
    unit: 'entries',
    totals: { requests: 1, reads: 1, writes: 0, deletes: 0, readBytes: 1 },
    hasSizes: false,
    ignoresLifetimes: false,
    sample: { rate, requests: 1, keys: WORKING_SET * rate },
    workingSet: { objects: WORKING_SET, bytes: 1 },
    sizes: curve.points.map(({ size, share }) => ({
      label: '',
      size,
      share,
      capacity: Math.round(size * rate),
    })),
    curves: [curve],
    advice: [],
    interrupted: false,
  }
}

function advice(curve: Curve, rate = 1) {
  return adviseOnSize(curve, resultOf(curve, rate), FIRSTS)
}

describe('the knee', () => {
  it('is the smallest size from which on no doubling adds 2 points', () => {
    const found = advice(curveOf({ 100: 0.2, 200: 0.4, 400: 0.6, 800: 0.615, 1600: 0.62 }))
    expect(found).toMatchObject({ shape: 'knee', size: 400, share: 0.04, hitRatio: 0.6 })
    expect(found?.doubled?.gain).toBeCloseTo(0.015)
    expect(found?.halved?.gain).toBeCloseTo(-0.2)
    expect(found?.largest).toEqual({ size: 1600, hitRatio: 0.62 })
  })

  it('does not stop at a plateau that the curve leaves again', () => {
    const found = advice(curveOf({ 100: 0.4, 200: 0.4, 400: 0.4, 800: 0.9, 1600: 0.9, 3200: 0.9 }))
    expect(found).toMatchObject({ shape: 'knee', size: 800 })
  })

  it('is found between sizes that are no doublings, on a line over the logarithm', () => {
    const found = advice(curveOf({ 100: 0.1, 1000: 0.1 + 0.1 * Math.log2(10), 10000: 0.85 }))
    expect(found).toMatchObject({ shape: 'knee', size: 10_000 })
    expect(found?.halved?.gain).toBeCloseTo(-(0.75 - 0.1 * Math.log2(10)) / Math.log2(10))
    const flatter = advice(curveOf({ 100: 0.1, 1000: 0.4, 8000: 0.45 }))
    expect(flatter).toMatchObject({ shape: 'knee', size: 1000 })
    expect(flatter?.doubled?.gain).toBeCloseTo(0.05 / 3)
  })

  it('is not claimed where the curve still rises at its end', () => {
    const found = advice(curveOf({ 100: 0.2, 200: 0.3, 400: 0.4 }))
    expect(found).toMatchObject({ shape: 'rising', size: 400, doubled: undefined })
    expect(found?.halved?.gain).toBeCloseTo(-0.1)
  })

  it('may be where everything fits', () => {
    const found = advice(curveOf({ 2500: 0.2, 5000: 0.4, 10000: 0.9 }))
    expect(found).toMatchObject({ shape: 'knee', size: 10_000, doubled: { gain: 0 } })
  })
})

describe('a curve without a knee', () => {
  it('is flat where no size adds 2 points', () => {
    expect(advice(curveOf({ 100: 0.3, 400: 0.305, 1600: 0.31 }))).toMatchObject({
      shape: 'flat',
      size: 100,
      firstRequests: FIRSTS,
    })
  })

  it('is a single point', () => {
    expect(advice(curveOf({ 100: 0.3 }))).toMatchObject({ shape: 'single', size: 100 })
  })
})

describe('thin evidence', () => {
  it('is not used: large errors, small sampled caches, points that failed', () => {
    expect(advice(curveOf({ 100: 0.2, 200: 0.4 }, 0.011), 0.5)).toBeUndefined()
    expect(advice(curveOf({ 1000: 0.2, 5000: 0.4 }, 0.001), 0.1)).toMatchObject({
      shape: 'rising',
      size: 5000,
    })
    expect(advice(curveOf({ 500: 0.2, 900: 0.4 }, 0.001), 0.1)).toBeUndefined()
    const curve = curveOf({ 100: 0.2, 200: 0.4 })
    curve.points[1] = { size: 200, share: 0.02, failed: 'no room' }
    expect(advice(curve)).toMatchObject({ shape: 'single', size: 100 })
  })

  it('makes errors of differences larger, not smaller', () => {
    const found = advice(curveOf({ 2000: 0.2, 4000: 0.4, 8000: 0.41 }, 0.003), 0.5)
    expect(found?.doubled?.error).toBeGreaterThan(0.003)
  })
})

it('hotset’s own curve is advised on, the adaptive one first, and opt last', () => {
  const named = (...policies: string[]) =>
    curveToAdviseOn(
      policies.map((policy) => curveOf({}, 0, policy)),
      ['adaptive', 'lru', 'lfu'],
    )?.policy
  expect(named('opt', 'arc', 'lfu', 'lru', 'adaptive')).toBe('adaptive')
  expect(named('opt', 'arc', 'lfu', 'lru')).toBe('lfu')
  expect(named('opt', 'arc')).toBe('arc')
  expect(named('opt')).toBe('opt')
  expect(named()).toBeUndefined()
})
