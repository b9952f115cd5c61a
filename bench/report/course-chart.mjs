/**
 * How figures changed during a run, and what was in force meanwhile: lines from left to right, below them a line
 * that steps from name to name. Cases stand beside each other, each with its name on top.
 */
import { render } from './drawing.mjs'
import { FAINT, INK, LINES, SHADE } from './palette.mjs'

const WIDTH = 860
const HEIGHT = 460
const LEFT = 110
const RIGHT = 24
const TOP = 84
const LINES_HEIGHT = 190
const STATES_TOP = 316
const STATES_HEIGHT = 92

/**
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {import('../harness/types.d.ts').Row[]} rows
 * @returns {string} SVG
 */
export function drawCourse({ implementations, chart }, rows) {
  const { title, valueTitle, atTitle, step, lines, states } = chart
  const shown = chart.cases
    .map((name) =>
      rows.find((row) => row.case === name && row.implementation === implementations[0]),
    )
    .filter((row) => row?.series !== undefined)
  const pointsOf = (key) =>
    shown.flatMap(({ series }) => series[key]).map((value, at) => [(at + 1) * step, value])
  const end = pointsOf(states.series).length * step
  const interval = end / shown.length
  return render(WIDTH, HEIGHT, title, {
    legend: {
      top: 34,
      left: LEFT,
      icon: 'rect',
      itemWidth: 18,
      itemHeight: 3,
      itemGap: 28,
      textStyle: { color: INK.light },
      data: lines.map(({ title: name }) => name),
    },
    grid: [
      { left: LEFT, right: RIGHT, top: TOP, height: LINES_HEIGHT },
      { left: LEFT, right: RIGHT, top: STATES_TOP, height: STATES_HEIGHT },
    ],
    xAxis: [atAxis(0, end, interval), { ...atAxis(1, end, interval), name: atTitle }],
    yAxis: [
      { gridIndex: 0, type: 'value', name: valueTitle, ...plain() },
      { gridIndex: 1, type: 'category', data: states.names, inverse: true, ...plain() },
    ],
    series: [
      ...lines.map(({ series, title: name }, at) => ({
        name,
        type: 'line',
        showSymbol: false,
        lineStyle: { width: 1.6, color: LINES[at] },
        itemStyle: { color: LINES[at] },
        data: pointsOf(series),
        ...(at === 0 && { markArea: spans(shown, states.series, step) }),
      })),
      {
        name: states.title,
        type: 'line',
        step: 'end',
        showSymbol: false,
        xAxisIndex: 1,
        yAxisIndex: 1,
        lineStyle: { width: 4, color: LINES[0] },
        itemStyle: { color: LINES[0] },
        data: pointsOf(states.series).map(([at, state]) => [at, states.names[state]]),
      },
    ],
  })
}

function atAxis(gridIndex, max, interval) {
  const name = { nameLocation: 'middle', nameGap: 26 }
  return { gridIndex, type: 'value', max, interval, ...name, ...plain() }
}

function plain() {
  return {
    nameTextStyle: { color: INK.light },
    axisLabel: { color: INK.light },
    axisLine: { lineStyle: { color: FAINT.light } },
    splitLine: { lineStyle: { color: FAINT.light } },
  }
}

/** Every other case is shaded; what all their names have in common is left out. */
function spans(rows, key, step) {
  let from = 0
  const data = rows.map((row, at) => {
    const start = from
    from += row.series[key].length * step
    const colour = at % 2 === 0 ? SHADE.light : 'none'
    const name = row.case.slice(row.case.indexOf(': ') + 1).trim()
    return [{ name, xAxis: start, itemStyle: { color: colour } }, { xAxis: from }]
  })
  return { silent: true, label: { color: INK.light, fontSize: 11, distance: 2 }, data }
}
