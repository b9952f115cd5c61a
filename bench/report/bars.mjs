/**
 * Lines with a bar each, as SVG: the one form of chart in the report.
 *
 * Colours are attributes, with others for dark surroundings in the file's own style sheet: so it is
 * legible on both, wherever it is embedded as an image.
 */
import * as echarts from 'echarts'

const WIDTH = 760
const LINE_HEIGHT = 17
const BAR_HEIGHT = 13
const CHROME_HEIGHT = 84
const FONT = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'
/** No wider than a character of the fonts that are likely, at the size of labels, bold ones too. */
const CHARACTER_WIDTH = 7.5

/** Light and dark. */
const INK = { light: '#24292f', dark: '#e6edf3' }
const FAINT = { light: '#d0d7de', dark: '#3d444d' }
/** Told apart with every common colour blindness. */
const OWN_BARS = [
  { light: '#0969da', dark: '#4493f8' },
  { light: '#54aeff', dark: '#1f6feb' },
  { light: '#80ccff', dark: '#388bfd' },
]
const BASELINE_BAR = { light: '#bc4c00', dark: '#f0883e' }
const PEER_BAR = { light: '#8c959f', dark: '#7d8590' }

/**
 * @typedef {object} Line
 * @property {string} text
 * @property {boolean} [isHeading] no bar
 * @property {number} [value] the bar's length, on the axis
 * @property {string} [label] behind the bar
 * @property {string} [colour] of colourOf()
 *
 * @param {{ title: string, lines: Line[], axis: object }} chart `axis`: ECharts' options of the values' axis
 * @returns {string}
 */
export function drawBars({ title, lines, axis }) {
  const widest = Math.max(...lines.map(({ text }) => text.length))
  const height = CHROME_HEIGHT + lines.length * LINE_HEIGHT
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  drawing.setOption({
    animation: false,
    textStyle: { fontFamily: FONT, color: INK.light },
    title: { text: title, left: 12, top: 8, textStyle: { fontSize: 14, color: INK.light } },
    grid: { left: 20 + widest * CHARACTER_WIDTH, right: 80, top: 42, bottom: 32 },
    yAxis: {
      type: 'category',
      inverse: true,
      // Why by number: a text may come more than once.
      data: lines.map((_, at) => at),
      axisLabel: {
        interval: 0,
        color: INK.light,
        formatter: (at) => (lines[at].isHeading ? `{heading|${lines[at].text}}` : lines[at].text),
        rich: { heading: { fontWeight: 'bold', color: INK.light } },
      },
      axisLine: { onZero: false, lineStyle: { color: FAINT.light } },
      axisTick: { show: false },
    },
    xAxis: {
      ...axis,
      axisLabel: { color: INK.light, ...axis.axisLabel },
      splitLine: { lineStyle: { color: FAINT.light } },
    },
    series: {
      type: 'bar',
      barWidth: BAR_HEIGHT,
      label: {
        show: true,
        position: 'right',
        color: INK.light,
        fontSize: 11,
        formatter: ({ dataIndex }) => lines[dataIndex].label ?? '',
      },
      data: lines.map(({ isHeading, value, colour }) =>
        isHeading ? null : { value, itemStyle: { color: colour } },
      ),
    },
  })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return withDarkColours(svg)
}

/** Of each implementation: hotset in blue throughout, the baseline in orange, all else in grey. */
export function coloursOf(implementations, baseline) {
  const own = implementations.filter((name) => name.startsWith('hotset'))
  const colourOf = (name) => {
    if (own.includes(name)) return OWN_BARS[own.indexOf(name) % OWN_BARS.length]
    return name === baseline ? BASELINE_BAR : PEER_BAR
  }
  return new Map(implementations.map((name) => [name, colourOf(name).light]))
}

/** Why by attribute: the renderer writes colours as attributes, which any style rule overrides. */
function withDarkColours(svg) {
  const rules = [INK, FAINT, ...OWN_BARS, BASELINE_BAR, PEER_BAR].map(
    ({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  )
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`
  return `${svg.replace(/<svg[^>]*>/, (open) => `${open}\n${style}`)}\n`
}
