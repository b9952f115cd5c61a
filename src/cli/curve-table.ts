/** A curve as people read it: tables of hit ratios, a plot of the miss ratio, and notes. */
import Table from 'cli-table3'
import { formatBytes } from '../cache/units.js'
import type { Curve, CurvePoint } from '../replay/curve/spec.js'
import { showShare, showSize } from './curve-axes.js'
import { plotCurves } from './curve-plot.js'
import type { CurveReport } from './curve-report.js'
import { whole } from './table.js'

const NOT_THERE = '-'

type Pick = (point: CurvePoint) => [ratio: number, error: number]

const OBJECTS: Pick = ({ hitRatio, hitRatioError }) => [hitRatio, hitRatioError]
const BYTES: Pick = ({ byteHitRatio, byteHitRatioError }) => [byteHitRatio, byteHitRatioError]

export function renderCurve(report: CurveReport): string {
  const parts = [headline(report), 'hit ratio, %', ratioTable(report, OBJECTS)]
  if (report.hasSizes) parts.push('byte hit ratio, %', ratioTable(report, BYTES))
  parts.push(plotCurves(report), ...report.notes, ...adviceLines(report), '')
  return parts.join('\n')
}

function adviceLines({ advice }: CurveReport): string[] {
  return advice.length === 0 ? [] : ['', 'Advice:', ...advice.map(({ text }) => `  ${text}`)]
}

function headline({ trace, workingSet, hasSizes }: CurveReport): string {
  const name =
    trace.files.length > 0
      ? trace.files.map(({ path }) => path).join(', ')
      : `built-in workload, seed ${trace.seed}`
  const bytes = hasSizes ? `, ${formatBytes(workingSet.bytes)}` : ''
  return `${name}: ${whole(trace.accesses)} accesses; working set ${whole(workingSet.objects)} objects${bytes}`
}

function ratioTable(report: CurveReport, pick: Pick): string {
  const table = new Table({
    head: ['size', 'of all', ...report.curves.map(({ policy }) => policy)],
    colAligns: ['right', 'right', ...report.curves.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  })
  for (const { size, share } of report.sizes) {
    const cells = report.curves.map((curve) => showPoint(curve, size, pick))
    table.push([showSize(report, size), showShare(share), ...cells])
  }
  return table.toString()
}

function showPoint({ points }: Curve, size: number, pick: Pick): string {
  const point = points.find((candidate) => candidate.size === size)
  if (point === undefined || 'failed' in point) return NOT_THERE
  const [ratio, error] = pick(point)
  return error === 0 ? percent(ratio) : `${percent(ratio)} ±${percent(error)}`
}

function percent(ratio: number): string {
  return (ratio * 100).toFixed(2)
}
