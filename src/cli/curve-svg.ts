/**
 * Miss-ratio curves as an SVG: one panel for objects and, where the trace has sizes, one for bytes.
 *
 * 1. It stands alone: no script, no font, no other file; light or dark as the reader's system is.
 * 2. hotset's own policies are drawn through, others dashed, and those that come after all colours are used
 *    dotted. A band is two standard errors either way.
 * 3. Colours differ in lightness and for colour-blind readers (M. Okabe, K. Ito, Color Universal Design,
 *    2008).
 */
import { POLICIES } from '../replay/policies.js'
import {
  type Axes,
  createAxes,
  type Measure,
  missPoints,
  showShare,
  showSize,
} from './curve-axes.js'
import type { CurveReport } from './curve-report.js'

const WIDTH = 760
const PANEL_HEIGHT = 400
const TOP = 48
const LEFT = 60
const RIGHT = 24
const PLOT_HEIGHT = 300
const PLOT_WIDTH = WIDTH - LEFT - RIGHT
const LEGEND_COLUMNS = 5
const LEGEND_ROW = 20
const LEGEND_PAD = 20
const MIN_LABEL_GAP = 62
const BAND_ERRORS = 2
const LIGHT = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b8860b', '#3a9bd1', '#000000']
const DARK = ['#56b4e9', '#ff8c42', '#2fd6a3', '#e9a3c9', '#f0e442', '#9ad1f5', '#ffffff']
const TITLES: Record<Measure, string> = {
  objects: 'Miss ratio, objects (less is better)',
  bytes: 'Miss ratio, bytes (less is better)',
}

export function renderCurveSvg(report: CurveReport): string {
  const measures: Measure[] = report.hasSizes ? ['objects', 'bytes'] : ['objects']
  const legendTop = TOP + measures.length * PANEL_HEIGHT
  const legendRows = Math.ceil(report.curves.length / LEGEND_COLUMNS)
  const height = legendTop + legendRows * LEGEND_ROW + LEGEND_PAD
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(headline(report))}</title>`,
    `<style>${styles()}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    text(LEFT, 22, 'start', headline(report), 'strong'),
    ...measures.map((measure, index) => panel(report, measure, TOP + index * PANEL_HEIGHT)),
    ...report.curves.map(({ policy }, index) => legendItem(policy, index, legendTop)),
    '</svg>',
    '',
  ].join('\n')
}

function headline({ trace, sample }: CurveReport): string {
  const names = trace.files.map(({ path }) => path.split(/[\\/]/).pop())
  const name = names.length > 0 ? names.join(', ') : `built-in workload, seed ${trace.seed}`
  const sampled = sample.rate < 1 ? `, sampled: ${showShare(sample.rate)} of the keys` : ''
  return `${name}: ${trace.accesses.toLocaleString('en')} accesses${sampled}`
}

function panel(report: CurveReport, measure: Measure, top: number): string {
  const axes = createAxes(report, measure)
  const place = placing(axes, top)
  return [
    text(LEFT, top + 2, 'start', TITLES[measure], ''),
    ...axes.ticks.map((tick) => {
      const [, y] = place(1, tick)
      const line = `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y}" y2="${y}"/>`
      return line + text(LEFT - 8, y + 4, 'end', `${Math.round(tick * 100)}%`, 'faint')
    }),
    sizeLabels(report, axes, top + 16 + PLOT_HEIGHT + 20),
    ...report.curves.map((curve, index) => {
      const points = missPoints(curve, measure)
      const places = points.map(({ size, missRatio }) => place(size, missRatio))
      const above = points.map(({ size, missRatio, error }) =>
        place(size, Math.min(1, missRatio + BAND_ERRORS * error)),
      )
      const below = points.map(({ size, missRatio, error }) =>
        place(size, Math.max(0, missRatio - BAND_ERRORS * error)),
      )
      const band = points.some(({ error }) => error > 0)
        ? `<polygon class="band c${index % LIGHT.length}" points="${listed([...above, ...below.reverse()])}"/>`
        : ''
      const line = `<polyline class="line c${index % LIGHT.length}"${dashes(curve.policy, index)} points="${listed(places)}"/>`
      const dots = places.map(
        ([x, y]) => `<circle class="dot c${index % LIGHT.length}" cx="${x}" cy="${y}" r="3"/>`,
      )
      return band + line + dots.join('')
    }),
  ].join('\n')
}

type Point = [x: number, y: number]

function placing(axes: Axes, top: number): (size: number, missRatio: number) => Point {
  return (size, missRatio) => [
    round(LEFT + axes.x(size) * PLOT_WIDTH),
    round(top + 16 + (1 - axes.y(missRatio)) * PLOT_HEIGHT),
  ]
}

/** As many as there is room for: the size, and below it what share of the working set that is. */
function sizeLabels(report: CurveReport, axes: Axes, y: number): string {
  const labels: string[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const { size, share } of report.sizes) {
    const x = round(LEFT + axes.x(size) * PLOT_WIDTH)
    if (x - last < MIN_LABEL_GAP) continue
    last = x
    const anchor = x > LEFT + PLOT_WIDTH - RIGHT ? 'end' : 'middle'
    labels.push(text(x, y, anchor, showSize(report, size), ''))
    labels.push(text(x, y + 16, anchor, showShare(share), 'faint'))
  }
  const unit = report.unit === 'bytes' ? 'size' : 'entries'
  const title = `${unit} of the cache, and share of the working set`
  labels.push(text(LEFT + PLOT_WIDTH / 2, y + 36, 'middle', title, 'faint'))
  return labels.join('')
}

function legendItem(policy: string, index: number, top: number): string {
  const x = LEFT + (index % LEGEND_COLUMNS) * (PLOT_WIDTH / LEGEND_COLUMNS)
  const y = top + Math.floor(index / LEGEND_COLUMNS) * LEGEND_ROW
  const line = `<polyline class="line c${index % LIGHT.length}"${dashes(policy, index)} points="${x},${y - 4} ${x + 26},${y - 4}"/>`
  return line + text(x + 32, y, 'start', policy, '')
}

function dashes(policy: string, index: number): string {
  if (index >= LIGHT.length) return ' stroke-dasharray="1 3"'
  return (POLICIES as readonly string[]).includes(policy) ? '' : ' stroke-dasharray="6 4"'
}

function text(x: number, y: number, anchor: string, content: string, style: string): string {
  const styled = style === '' ? '' : ` class="${style}"`
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${styled}>${escapeXml(content)}</text>`
}

function styles(): string {
  const colors = (list: readonly string[]) =>
    list.map((color, index) => `.c${index}{color:${color}}`).join('')
  return (
    '.paper{fill:#fff}text{fill:#222}.faint{fill:#666}.strong{font-weight:600}.grid{stroke:#ddd}' +
    '.line{fill:none;stroke:currentColor;stroke-width:2}.dot{fill:currentColor}' +
    '.band{fill:currentColor;opacity:.15}' +
    colors(LIGHT) +
    '@media(prefers-color-scheme:dark){.paper{fill:#161618}text{fill:#e6e6e6}.faint{fill:#a0a0a0}.grid{stroke:#38383c}' +
    `${colors(DARK)}}`
  )
}

function listed(points: readonly Point[]): string {
  return points.map(([x, y]) => `${x},${y}`).join(' ')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
