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
  if (scenario.mean !== undefined && cases.length > 1) rows.push(...meanRows(scenario, cases, runs))
  return rows.filter((row) => Object.keys(row.values).length > 0)
}

/** Why by round: so it has a spread of its own. */
function meanRows(scenario, cases, runs) {
  return scenario.implementations.map((implementation) => {
    const own = runs.filter((run) => run.implementation === implementation)
    const rounds = [...new Set(own.map(({ round }) => round))]
    const means = rounds.map((round) => {
      const ofRound = own.filter((run) => run.round === round)
      return { round, measurement: meanOf(scenario, ofRound, cases.length) }
    })
    const row = rowOf({ ...scenario, series: [] }, scenario.mean, implementation, means, [])
    return { ...row, ratios: {}, isMean: true }
  })
}

/** Of the metrics that every case has. */
function meanOf({ metrics }, runs, count) {
  return Object.fromEntries(
    metrics.map(({ key }) => {
      const sum = runs.reduce((total, { measurement }) => total + measurement[key], 0)
      return [key, runs.length === count ? sum / count : Number.NaN]
    }),
  )
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
  const told = (scenario.series ?? []).filter((key) => own[0]?.measurement[key] !== undefined)
  if (told.length > 0)
    row.series = Object.fromEntries(told.map((key) => [key, own[0].measurement[key]]))
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
    const one = aim.case === undefined ? { ...aim, case: worstCase(aim, rows) } : aim
    const reached = reachedOf(one, rows)
    if (reached === undefined) return []
    const met = reached >= (aim.atLeast ?? -Infinity) && reached <= (aim.atMost ?? Infinity)
    const isWorst = aim.case === undefined
    const text = describeAim(scenario, isWorst ? { ...one, case: 'every case' } : one)
    return [{ text: isWorst ? `${text}; worst: ${one.case}` : text, reached, met }]
  })
}

/** The one that is the furthest from the aim, if any was measured. */
function worstCase(aim, rows) {
  const sign = aim.atLeast === undefined ? -1 : 1
  const reached = rows
    .filter((row) => row.isMean === undefined)
    .map((row) => ({ name: row.case, value: reachedOf({ ...aim, case: row.case }, rows) }))
    .filter(({ value }) => value !== undefined)
  return reached.sort((a, b) => sign * (a.value - b.value))[0]?.name
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
