/**
 * What a curve says about sizes, and where its knee is.
 *
 * The knee is the smallest size of the curve from which on no doubling adds KNEE_POINTS or more; what lies
 * between two sizes is taken to be on a line over the logarithm of the size.
 *
 * 1. A size whose double lies beyond the curve is judged by nothing, unless all objects fit in it.
 * 2. Sizes where a sampled cache holds too few objects, or whose error is above MAX_ERROR, say nothing.
 */
import { FEW_OBJECTS } from '../sizes.js'
import type { Curve, CurvePoint, CurveResult } from '../spec.js'
import type { Gain, SizeAdvice } from './spec.js'

export const KNEE_POINTS = 0.02
const MAX_ERROR = 0.01

/** hotset's own before others, and what can be had before what cannot. */
export function curveToAdviseOn(
  curves: readonly Curve[],
  own: readonly string[],
): Curve | undefined {
  const order = (policy: string) => {
    if (policy === 'adaptive') return 0
    if (own.includes(policy)) return 1
    return policy === 'opt' ? 3 : 2
  }
  return [...curves].sort((a, b) => order(a.policy) - order(b.policy))[0]
}

/** @returns undefined where the curve has no point that could be relied upon */
export function adviseOnSize(
  curve: Curve,
  result: CurveResult,
  firstRequests: SizeAdvice['firstRequests'],
): SizeAdvice | undefined {
  const points = reliablePoints(curve, result)
  if (points.length === 0) return undefined
  const line = new SizeLine(points)
  const { shape, point } = choose(points, line)
  const { size, share, hitRatio, hitRatioError } = point
  const last = points[points.length - 1]
  return {
    kind: 'size',
    policy: curve.policy,
    shape,
    size,
    share,
    hitRatio,
    hitRatioError,
    doubled: line.gain(point, size * 2),
    halved: line.gain(point, size / 2),
    largest: { size: last.size, hitRatio: last.hitRatio },
    firstRequests,
  }
}

function reliablePoints({ points }: Curve, { sizes, sample, unit, workingSet }: CurveResult) {
  const perObject = unit === 'entries' ? 1 : workingSet.bytes / Math.max(1, workingSet.objects)
  const isLarge = new Map(
    sizes.map(({ size, capacity }) => [
      size,
      sample.rate === 1 || capacity / perObject >= FEW_OBJECTS,
    ]),
  )
  return points.filter(
    (point): point is CurvePoint =>
      !('failed' in point) && point.hitRatioError <= MAX_ERROR && isLarge.get(point.size) === true,
  )
}

function choose(
  points: readonly CurvePoint[],
  line: SizeLine,
): { shape: SizeAdvice['shape']; point: CurvePoint } {
  const last = points[points.length - 1]
  if (points.length === 1) return { shape: 'single', point: last }
  if (Math.max(...points.map(({ hitRatio }) => hitRatio)) - points[0].hitRatio < KNEE_POINTS) {
    return { shape: 'flat', point: points[0] }
  }
  const knee = findKnee(points, line)
  return knee === undefined ? { shape: 'rising', point: last } : { shape: 'knee', point: knee }
}

function findKnee(points: readonly CurvePoint[], line: SizeLine): CurvePoint | undefined {
  let knee: CurvePoint | undefined
  for (const point of [...points].reverse()) {
    const doubled = line.gain(point, point.size * 2)
    if (doubled === undefined) continue
    if (doubled.gain >= KNEE_POINTS) break
    knee = point
  }
  return knee
}

/** The hit ratio at any size from the smallest to the largest. */
class SizeLine {
  constructor(private readonly points: readonly CurvePoint[]) {}

  /** From a point to another size; undefined where that is not on the curve. */
  gain({ hitRatio, hitRatioError }: CurvePoint, size: number): Gain | undefined {
    const other = this.at(size)
    if (other === undefined) return undefined
    // At most so much: errors at two sizes are of the same keys, and go the same way.
    return { gain: other.hitRatio - hitRatio, error: Math.hypot(hitRatioError, other.error) }
  }

  private at(size: number): { hitRatio: number; error: number } | undefined {
    const { points } = this
    const last = points[points.length - 1]
    if (size > last.size && last.share < 1) return undefined
    if (size >= last.size) return { hitRatio: last.hitRatio, error: last.hitRatioError }
    const above = points.findIndex((point) => point.size > size)
    return above === 0 ? undefined : between(points[above - 1], points[above], size)
  }
}

function between(low: CurvePoint, high: CurvePoint, size: number) {
  const weight = Math.log(size / low.size) / Math.log(high.size / low.size)
  const mix = (a: number, b: number) => a + (b - a) * weight
  return {
    hitRatio: mix(low.hitRatio, high.hitRatio),
    error: mix(low.hitRatioError, high.hitRatioError),
  }
}
