/** Result tables, in Markdown that is legible as it stands in a terminal too. */

/**
 * A row an implementation and case. A cell: the median, in brackets the lowest and highest of the rounds,
 * and then how it compares with the baseline: `1.50x` is one and a half times as fast, `20%` is a fifth
 * of what it takes.
 *
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {import('../harness/types.d.ts').Row[]} rows
 * @returns {string[]}
 */
export function tableLines(scenario, rows) {
  const metrics = scenario.metrics.filter(({ key }) => rows.some((row) => row.values[key]))
  const head = ['case', 'implementation', ...metrics.map(({ title }) => title)]
  const body = rows.map((row) => [
    row.case,
    row.implementation,
    ...metrics.map((metric) => cell(metric, row.values[metric.key], row.ratios[metric.key])),
  ])
  return align([head, ...body])
}

/** @param {import('../harness/types.d.ts').Outcome['aims']} aims */
export function aimLines(aims) {
  return aims.map(
    ({ text, reached, met }) => `- ${met ? 'met' : '**missed**'}: ${text} (${format(reached, 2)})`,
  )
}

/** @param {number} number */
export function format(number, digits) {
  return number.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** How many times better. */
export function times(factor) {
  return `${format(factor, factor < 10 ? 2 : 0)}x`
}

function cell({ digits, ratio }, summary, ratios) {
  if (summary === undefined) return ''
  const { median, low, high } = summary
  const spread = low === high ? '' : ` (${format(low, digits)}-${format(high, digits)})`
  return `${format(median, digits)}${spread}${ratios === undefined ? '' : ratioText(ratio, ratios)}`
}

function ratioText(kind, { median }) {
  if (kind === 'share') return `, ${format(median * 100, 0)}%`
  // Why more: what is hundreds of times slower is to be told from what is thousands of times slower.
  return `, ${format(median, median < 0.1 ? 4 : 2)}x`
}

/** Columns of equal width; all but the first ones, which are text, right-aligned. */
export function align(lines, textColumns = 2) {
  const widths = lines[0].map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column].length)),
  )
  const isText = (column) => column < textColumns
  const join = (line) => {
    const cells = line.map((text, column) =>
      isText(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]),
    )
    return `| ${cells.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  const [head, ...body] = lines
  return [join(head), `| ${rule.join(' | ')} |`, ...body.map(join)]
}
