/** The one figure that stands for a scenario, out of its rows. */
import { summarise } from '../harness/statistics.mjs'
import { HOTSET } from '../peers/names.mjs'

/**
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {import('../harness/types.d.ts').Row[]} rows
 * @param {import('./groups.mjs').Headline} wanted
 * @returns {{ label: string, digits: number, own: number, baseline?: number, ratio?: number,
 *   factor?: number } | undefined} `ratio` as in the tables, `factor`: how many times better than the baseline;
 *   nothing where it was not measured
 */
export function headlineOf(scenario, rows, wanted) {
  const { case: name, metric: key, implementation = HOTSET } = wanted
  const metric = scenario.metrics.find((each) => each.key === key)
  const medianOf = (who, kind) => {
    const medians = rows
      .filter((row) => row.implementation === who && (name === undefined || row.case === name))
      .flatMap((row) => row[kind][key]?.median ?? [])
    return medians.length === 0 ? undefined : summarise(medians).median
  }
  const own = medianOf(implementation, 'values')
  if (own === undefined) return undefined
  const ratio = medianOf(implementation, 'ratios')
  return {
    label: `${name ?? 'median of all cases'}: ${wanted.title ?? metric.title}`,
    digits: metric.digits,
    own,
    baseline: scenario.baseline && medianOf(scenario.baseline, 'values'),
    ratio,
    factor: ratio !== undefined && metric.ratio === 'share' ? 1 / ratio : ratio,
  }
}
