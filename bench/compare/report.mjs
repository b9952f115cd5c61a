/** How a comparison of two builds reads: a table a scenario, and a line at the end. */
import { align, format } from '../report/table.mjs'

const HEAD = ['case', 'implementation', 'metric', 'before', 'now', 'now / before', '']

/** @param {ReturnType<import('./ratios.mjs').compareRuns>} rows */
export function comparisonLines(rows) {
  const body = rows.map(({ case: name, implementation, metric, before, after, ratio, verdict }) => [
    name,
    implementation,
    metric.title,
    format(before.median, metric.digits),
    format(after.median, metric.digits),
    ratioText(ratio),
    verdict,
  ])
  return align([HEAD, ...body], 3)
}

function ratioText({ median, low, high }) {
  return low === high
    ? format(median, 2)
    : `${format(median, 2)} (${format(low, 2)}-${format(high, 2)})`
}

/** @param {{ scenario: string, rows: ReturnType<import('./ratios.mjs').compareRuns> }[]} results */
export function closingLine(results, threshold, isJudged) {
  const count = results.reduce((sum, { rows }) => sum + rows.length, 0)
  if (!isJudged) return `${count} figures compared; one round proves nothing, so none is judged.`
  const worse = results.flatMap(({ scenario, rows }) =>
    rows
      .filter(({ verdict }) => verdict === 'worse')
      .map(
        ({ case: name, implementation, metric, ratio }) =>
          `${scenario}, ${name}, ${implementation}: ${metric.title} ${format(ratio.median, 2)}`,
      ),
  )
  const by = `by more than ${format(threshold * 100, 0)}% and the spread of the rounds`
  if (worse.length === 0) return `Of ${count} figures none is worse ${by}.`
  return [`Of ${count} figures ${worse.length} worse ${by}:`, ...worse].join('\n  ')
}
