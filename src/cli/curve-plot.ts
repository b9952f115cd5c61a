/**
 * Miss-ratio curves in a terminal: a letter a policy at each point, dots between them.
 *
 * Own code: the libraries for it draw steps, and tell curves apart by colour only.
 */
import { createAxes, missPoints, showSize } from './curve-axes.js'
import type { CurveReport } from './curve-report.js'

const WIDTH = 72
const HEIGHT = 18
const LABEL_WIDTH = 6
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DOT = '·'
const SEVERAL = '*'
const BLANK = ' '

export function plotCurves(report: CurveReport): string {
  const axes = createAxes(report, 'objects')
  const canvas = new Canvas()
  report.curves.forEach((curve, index) => {
    const places = missPoints(curve, 'objects').map(
      ({ size, missRatio }): Place => [
        Math.round(axes.x(size) * (WIDTH - 1)),
        Math.round(axes.y(missRatio) * (HEIGHT - 1)),
      ],
    )
    for (let at = 1; at < places.length; at++) canvas.line(places[at - 1], places[at])
    for (const place of places) canvas.mark(place, LETTERS[index % LETTERS.length])
  })
  const labels = new Map(
    axes.ticks.map((tick) => [
      Math.round(axes.y(tick) * (HEIGHT - 1)),
      `${Math.round(tick * 100)}%`,
    ]),
  )
  return [
    'miss ratio',
    ...canvas.rows().map((row, index) => {
      const label = labels.get(HEIGHT - 1 - index)
      return `${(label ?? '').padStart(LABEL_WIDTH)} ${label === undefined ? '│' : '┤'}${row}`.trimEnd()
    }),
    `${BLANK.repeat(LABEL_WIDTH)} └${'─'.repeat(WIDTH)}`,
    sizeLabels(report, axes.x),
    legend(report),
    '',
  ].join('\n')
}

/** Column from the left and row from the bottom. */
type Place = [column: number, row: number]

class Canvas {
  private readonly cells = Array.from({ length: HEIGHT }, () =>
    new Array<string>(WIDTH).fill(BLANK),
  )

  line([fromColumn, fromRow]: Place, [toColumn, toRow]: Place): void {
    const steps = Math.max(Math.abs(toColumn - fromColumn), Math.abs(toRow - fromRow))
    for (let step = 1; step < steps; step++) {
      const column = Math.round(fromColumn + ((toColumn - fromColumn) * step) / steps)
      const row = Math.round(fromRow + ((toRow - fromRow) * step) / steps)
      if (this.cells[row][column] === BLANK) this.cells[row][column] = DOT
    }
  }

  mark([column, row]: Place, letter: string): void {
    const there = this.cells[row][column]
    this.cells[row][column] = there === BLANK || there === DOT ? letter : SEVERAL
  }

  /** From the top. */
  rows(): string[] {
    return this.cells.map((row) => row.join('')).reverse()
  }
}

/** As many as there is room for, each centred below its size. */
function sizeLabels(report: CurveReport, x: (size: number) => number): string {
  const margin = LABEL_WIDTH + 2
  let line = ''
  for (const { size } of report.sizes) {
    const label = showSize(report, size)
    const at = Math.max(0, margin + Math.round(x(size) * (WIDTH - 1) - label.length / 2))
    if (line.length === 0 || at > line.length) line = line.padEnd(at) + label
  }
  return line
}

/** In as many lines as it takes. */
function legend({ curves }: CurveReport): string {
  const names = curves.map(({ policy }, index) => `${LETTERS[index % LETTERS.length]} ${policy}`)
  const lines = ['']
  for (const name of [...names, `${SEVERAL} several`]) {
    if (lines[lines.length - 1].length + name.length > WIDTH) lines.push('')
    lines[lines.length - 1] += `${name}   `
  }
  return lines.map((line) => BLANK.repeat(LABEL_WIDTH + 2) + line.trimEnd()).join('\n')
}
