/**
 * From the runs of two builds to rows of ratios, and to a verdict on each.
 *
 * 1. A ratio is of a run to the other build's run next to it: same case, implementation and round.
 * 2. Worse is what is beyond the threshold on the median of the ratios, and whose rounds do not overlap with
 *    the other build's. One round has no spread, so it proves nothing.
 * 3. Only metrics that say which way is better are compared.
 */
import { summarise } from '../harness/statistics.mjs'

const OWN = /^hotset\b/
const BETTER_BY_RATIO = { speed: 'less', share: 'less', rate: 'more' }

/**
 * The cases for what depends on the build: where a scenario has implementations that are called hotset, those.
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {import('../harness/types.d.ts').Case[]} cases
 */
export function ownCases(scenario, cases) {
  const isOwn = scenario.implementations.some((name) => OWN.test(name))
    ? (name) => OWN.test(name)
    : () => true
  return cases
    .map((each) => ({ ...each, only: (each.only ?? scenario.implementations).filter(isOwn) }))
    .filter(({ only }) => only.length > 0)
}

/** @returns {'less' | 'more' | undefined} */
export function betterOf({ better, ratio }) {
  return better ?? BETTER_BY_RATIO[ratio]
}

/**
 * @param {import('../harness/types.d.ts').Scenario} scenario
 * @param {{ case: string, implementation: string, round: number, before: Record<string, number>, after: Record<string, number> }[]} pairs
 * @param {number} threshold 0.1 is a tenth slower
 */
export function compareRuns(scenario, pairs, threshold) {
  const firsts = pairs.filter(({ round }) => round === 0)
  return firsts.flatMap((first) => {
    const rounds = pairs.filter(
      (pair) => pair.case === first.case && pair.implementation === first.implementation,
    )
    return scenario.metrics
      .filter((metric) => betterOf(metric) !== undefined)
      .map((metric) => compareMetric(metric, rounds, threshold))
      .filter((row) => row !== undefined)
  })
}

function compareMetric(metric, rounds, threshold) {
  const numbers = rounds
    .map(({ before, after }) => ({ before: before[metric.key], after: after[metric.key] }))
    .filter(({ before, after }) => Number.isFinite(after / before))
  if (numbers.length === 0) return undefined
  const before = summarise(numbers.map((pair) => pair.before))
  const after = summarise(numbers.map((pair) => pair.after))
  const ratio = summarise(numbers.map((pair) => pair.after / pair.before))
  const [{ case: caseName, implementation }] = rounds
  const verdict = numbers.length > 1 ? judge(betterOf(metric), before, after, ratio, threshold) : ''
  return { case: caseName, implementation, metric, before, after, ratio, verdict }
}

/** @returns {'worse' | 'better' | ''} the same both ways: worse one way is better the other. */
function judge(better, before, after, ratio, threshold) {
  const isUp = ratio.median > 1 + threshold && after.low > before.high
  const isDown = ratio.median < 1 / (1 + threshold) && after.high < before.low
  if (!isUp && !isDown) return ''
  return isUp === (better === 'less') ? 'worse' : 'better'
}
