/**
 * All scenarios at a glance: of each the figure that stands for it, as how many times better hotset is than
 * the baseline. A doubling is as long as a halving, and no bar is longer than one of many times.
 */
import { HOTSET, LRU_CACHE } from '../peers/names.mjs'
import { drawBars } from './bars.mjs'
import { coloursOf } from './palette.mjs'
import { times } from './table.mjs'

/** Why: the few that are better by thousands would leave nothing of the others. */
const MOST_DOUBLINGS = 5

/**
 * @param {{ title: string, told: { scenario: import('../harness/types.d.ts').Scenario,
 *   headline: ReturnType<import('./headline.mjs').headlineOf> }[] }[]} groups
 * @returns {string} SVG
 */
export function drawOverview(groups) {
  const colour = coloursOf([HOTSET]).get(HOTSET)
  const shown = groups
    .map(({ title, told }) => ({ title, told: told.filter(({ headline }) => headline?.factor) }))
    .filter(({ told }) => told.length > 0)
  const lines = shown.flatMap(({ title, told }) => [
    { isHeading: true, text: title },
    ...told.map(({ scenario, headline: { factor } }) => ({
      text: textOf(scenario),
      value: Math.max(-MOST_DOUBLINGS, Math.min(MOST_DOUBLINGS, Math.log2(factor))),
      label: times(factor),
      colour,
    })),
  ])
  return drawBars({
    title: `hotset to ${LRU_CACHE}: how many times better (right) or worse (left); bars end at ${2 ** MOST_DOUBLINGS}x`,
    lines,
    axis: { type: 'value', interval: 1, axisLabel: { formatter: timesOf } },
  })
}

function textOf({ title, baseline }) {
  return baseline === LRU_CACHE ? title : `${title} (to ${baseline})`
}

function timesOf(doublings) {
  const power = 2 ** Math.abs(doublings)
  return doublings < 0 ? `1/${power}` : `${power}x`
}
