/** From the measurements of all rounds to rows: medians, spreads, and ratios within a round. */

/** @param {number[]} numbers at least one */
export function summarise(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, low: sorted[0], high: sorted[sorted.length - 1] }
}

/**
 * @param {import('./types.d.ts').Scenario} scenario
 * @param {{ case: string, implementation: string, round: number, measurement: Record<string, number> }[]} runs
 * @returns {import('./types.d.ts').Row[]}
 */
export function tabulate(scenario, cases, runs) {
  const rows = cases.flatMap((each) =>
    implementationsOf(scenario, each).map((implementation) => {
      const own = runs.filter(
        (run) => run.case === each.name && run.implementation === implementation,
      )
      return rowOf(scenario, each.name, implementation, own, runs)
    }),
  )
  return rows.filter((row) => Object.keys(row.values).length > 0)
}

export function implementationsOf(scenario, each) {
  return each.only ?? scenario.implementations
}

function rowOf(scenario, caseName, implementation, own, runs) {
  const row = { case: caseName, implementation, values: {}, ratios: {} }
  for (const { key, ratio } of scenario.metrics) {
    const numbers = own.map((run) => run.measurement[key]).filter(Number.isFinite)
    if (numbers.length > 0) row.values[key] = summarise(numbers)
    if (ratio === undefined || implementation === scenario.baseline) continue
    const ratios = own
      .map((run) => compare(ratio, run.measurement[key], baselineOf(scenario, run, runs, key)))
      .filter(Number.isFinite)
    if (ratios.length > 0) row.ratios[key] = summarise(ratios)
  }
  return row
}

function baselineOf(scenario, run, runs, key) {
  const same = runs.find(
    (other) =>
      other.implementation === scenario.baseline &&
      other.case === run.case &&
      other.round === run.round,
  )
  return same?.measurement[key] ?? Number.NaN
}

function compare(kind, own, baseline) {
  return kind === 'speed' ? baseline / own : own / baseline
}

/** @returns {import('./types.d.ts').Outcome['aims']} */
export function judgeAims(scenario, rows) {
  return (scenario.aims ?? []).flatMap((aim) => {
    const reached = reachedOf(aim, rows)
    if (reached === undefined) return []
    const met = reached >= (aim.atLeast ?? -Infinity) && reached <= (aim.atMost ?? Infinity)
    return [{ text: describeAim(scenario, aim), reached, met }]
  })
}

function reachedOf({ case: caseName, implementation, metric, of, to }, rows) {
  const rowOf = (name) => rows.find((row) => row.case === caseName && row.implementation === name)
  const row = rowOf(implementation)
  if (to === undefined) return (of === 'ratio' ? row?.ratios : row?.values)?.[metric]?.median
  const other = rowOf(to)?.values[metric]?.median
  return other === undefined ? undefined : row?.values[metric]?.median / other
}

function describeAim(scenario, aim) {
  const { title } = scenario.metrics.find(({ key }) => key === aim.metric)
  const bound = aim.atLeast === undefined ? `at most ${aim.atMost}` : `at least ${aim.atLeast}`
  const unit = aim.of === 'ratio' ? ` times ${aim.to ?? scenario.baseline}` : ''
  return `${aim.case}, ${aim.implementation}: ${title} ${bound}${unit}`
}
