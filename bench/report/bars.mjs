/** Lines with a bar each, as SVG: the usual form of chart in the report. */
import { render } from './drawing.mjs'
import { FAINT, INK } from './palette.mjs'

const WIDTH = 760
const LINE_HEIGHT = 17
const BAR_HEIGHT = 13
const CHROME_HEIGHT = 84
/** No wider than a character of the fonts that are likely, at the size of labels, bold ones too. */
const CHARACTER_WIDTH = 7.5

/**
 * @typedef {object} Line
 * @property {string} text
 * @property {boolean} [isHeading] no bar
 * @property {number} [value] the bar's length, on the axis
 * @property {string} [label] behind the bar
 * @property {string} [colour] of palette.mjs
 *
 * @param {{ title: string, lines: Line[], axis: object }} chart `axis`: ECharts' options of the values' axis
 * @returns {string}
 */
export function drawBars({ title, lines, axis }) {
  const widest = Math.max(...lines.map(({ text }) => text.length))
  const height = CHROME_HEIGHT + lines.length * LINE_HEIGHT
  return render(WIDTH, height, title, {
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
}
