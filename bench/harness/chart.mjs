/**
 * One bar chart a scenario, as SVG: a group of bars a case, a colour an implementation.
 *
 * Colours are attributes, with others for dark surroundings in the file's own style sheet: so it is
 * legible on both, wherever it is embedded as an image.
 */
import * as echarts from 'echarts'
import { format } from './table.mjs'

const WIDTH = 760
const BAR_HEIGHT = 17
const GROUP_GAP = 16
const CHROME_HEIGHT = 110
const FONT = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'

/** Light and dark, both told apart with every common colour blindness. */
const INK = { light: '#24292f', dark: '#e6edf3' }
const FAINT = { light: '#d0d7de', dark: '#3d444d' }
const OWN_BARS = [
  { light: '#0969da', dark: '#4493f8' },
  { light: '#54aeff', dark: '#1f6feb' },
]
const PEER_BARS = [
  { light: '#bc4c00', dark: '#f0883e' },
  { light: '#6e7781', dark: '#9198a1' },
  { light: '#afb8c1', dark: '#656c76' },
  { light: '#32383f', dark: '#dfe4ea' },
]
/** No wider than a character of the fonts that are likely, at the size of labels. */
const CHARACTER_WIDTH = 7.5

/**
 * @param {import('./types.d.ts').Scenario} scenario
 * @param {import('./types.d.ts').Row[]} rows
 * @returns {string}
 */
export function drawChart({ implementations, metrics, chart }, rows) {
  const cases = [...new Set(rows.map((row) => row.case))]
  const { digits } = metrics.find(({ key }) => key === chart.metric)
  const shown = (chart.only ?? implementations).filter((name) =>
    rows.some((row) => row.implementation === name),
  )
  const medianOf = (caseName, implementation) =>
    rows.find((row) => row.case === caseName && row.implementation === implementation)?.values[
      chart.metric
    ]?.median
  const widest = Math.max(...cases.map((name) => name.length))
  const colours = coloursOf(shown)
  const height = CHROME_HEIGHT + cases.length * (shown.length * BAR_HEIGHT + GROUP_GAP)
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  drawing.setOption({
    animation: false,
    textStyle: { fontFamily: FONT, color: INK.light },
    title: { text: chart.title, left: 12, top: 8, textStyle: { fontSize: 14, color: INK.light } },
    legend: {
      top: 34,
      left: 12,
      itemGap: 28,
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { color: INK.light },
    },
    grid: { left: 20 + widest * CHARACTER_WIDTH, right: 80, top: 66, bottom: 32 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: cases,
      axisLabel: { color: INK.light },
      axisLine: { lineStyle: { color: FAINT.light } },
      axisTick: { show: false },
    },
    xAxis: {
      type: chart.logarithmic ? 'log' : 'value',
      ...(chart.logarithmic && { min: chart.from ?? 0.1 }),
      axisLabel: { color: INK.light },
      splitLine: { lineStyle: { color: FAINT.light } },
    },
    series: shown.map((implementation, index) => ({
      type: 'bar',
      name: implementation,
      barWidth: BAR_HEIGHT - 3,
      barGap: '20%',
      itemStyle: { color: colours[index].light },
      label: {
        show: true,
        position: 'right',
        color: INK.light,
        fontSize: 11,
        formatter: ({ value }) => (Number.isFinite(value) ? format(value, digits) : ''),
      },
      data: cases.map((caseName) => medianOf(caseName, implementation) ?? null),
    })),
  })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return withDarkColours(svg)
}

/** hotset in blue throughout, whatever it is compared with. */
function coloursOf(implementations) {
  const own = [...OWN_BARS]
  const peers = [...PEER_BARS]
  return implementations.map((name) => (name.startsWith('hotset') ? own : peers).shift())
}

/** Why by attribute: the renderer writes colours as attributes, which any style rule overrides. */
function withDarkColours(svg) {
  const rules = [INK, FAINT, ...OWN_BARS, ...PEER_BARS].map(
    ({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  )
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`
  return `${svg.replace(/<svg[^>]*>/, (open) => `${open}\n${style}`)}\n`
}
