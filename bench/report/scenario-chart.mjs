/**
 * The chart of a scenario: under each case its implementations, a bar each, by name. So it stays legible with
 * a dozen of them: nobody has to match colours with a legend.
 */
import { drawBars } from './bars.mjs'
import { coloursOf } from './palette.mjs'
import { format } from './table.mjs'

/**
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {import('../harness/types.d.ts').Row[]} rows
 * @returns {string} SVG
 */
export function drawScenario({ baseline, implementations, metrics, chart }, rows) {
  const { metric, title, only = implementations, logarithmic, from = 0.1 } = chart
  const { digits } = metrics.find(({ key }) => key === metric)
  const colours = coloursOf(only, baseline)
  const shown = rows.filter((row) => only.includes(row.implementation) && row.values[metric])
  const cases = [...new Set(shown.map((row) => row.case))]
  const lines = cases.flatMap((name, at) => [
    ...(at > 0 ? [{ isHeading: true, text: '' }] : []),
    { isHeading: true, text: name },
    ...shown
      .filter((row) => row.case === name)
      .map(({ implementation, values }) => ({
        text: implementation,
        value: values[metric].median,
        label: format(values[metric].median, digits),
        colour: colours.get(implementation),
      })),
  ])
  const axis = logarithmic ? { type: 'log', min: from } : { type: 'value' }
  return drawBars({ title: logarithmic ? withScale(title) : title, lines, axis })
}

/** What is better stands in brackets, at the end. */
function withScale(title) {
  return title.replace(/\)$/, '; logarithmic)')
}
