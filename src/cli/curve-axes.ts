/** Where points of a curve lie in a chart, sizes on a logarithmic axis, and how sizes are written there. */
import { formatBytes } from '../cache/units.js'
import type { Curve, CurvePoint } from '../replay/curve/spec.js'
import type { CurveReport } from './curve-report.js'
import { whole } from './table.js'

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2]
const MAX_TICKS = 6

/** Which of the two ratios a chart shows. */
export type Measure = 'objects' | 'bytes'

export interface MissPoint {
  size: number
  missRatio: number
  error: number
}

export function missPoints({ points }: Curve, measure: Measure): MissPoint[] {
  return points
    .filter((point): point is CurvePoint => !('failed' in point))
    .map(({ size, hitRatio, hitRatioError, byteHitRatio, byteHitRatioError }) =>
      measure === 'objects'
        ? { size, missRatio: 1 - hitRatio, error: hitRatioError }
        : { size, missRatio: 1 - byteHitRatio, error: byteHitRatioError },
    )
}

export interface Axes {
  /** 0 (left) to 1 (right). */
  x(size: number): number
  /** 0 (bottom) to 1 (top). */
  y(missRatio: number): number
  /** Miss ratios to mark, lowest first; the first is the bottom and the last the top. */
  ticks: number[]
}

export function createAxes(report: CurveReport, measure: Measure): Axes {
  const ratios = report.curves
    .flatMap((curve) => missPoints(curve, measure))
    .map(({ missRatio }) => missRatio)
  const ticks = ticksOver(Math.min(1, ...ratios), Math.max(0, ...ratios))
  const bottom = ticks[0]
  const height = ticks[ticks.length - 1] - bottom
  const sizes = report.sizes.map(({ size }) => size)
  const left = Math.log(Math.min(...sizes))
  const width = Math.log(Math.max(...sizes)) - left
  return {
    // A curve of one size is a point in the middle.
    x: (size) => (width === 0 ? 0.5 : (Math.log(size) - left) / width),
    y: (missRatio) => (missRatio - bottom) / height,
    ticks,
  }
}

/** Round figures around all values, at most MAX_TICKS of them. */
function ticksOver(least: number, most: number): number[] {
  const low = Math.min(least, most)
  const step = STEPS.find((candidate) => ticksBetween(low, most, candidate) <= MAX_TICKS) ?? 0.2
  const all = Math.round(1 / step)
  const first = Math.min(Math.floor(low / step), all - 1)
  const last = Math.max(first + 1, Math.min(Math.ceil(most / step), all))
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

function ticksBetween(low: number, high: number, step: number): number {
  return Math.ceil(high / step) - Math.floor(low / step) + 1
}

export function showSize({ unit }: CurveReport, size: number): string {
  return unit === 'bytes' ? formatBytes(size) : whole(size)
}

export function showShare(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`
}
