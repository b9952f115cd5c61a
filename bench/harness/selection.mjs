/** What of the scenarios is run: all of it, or the cases and implementations that were asked for. */
import { implementationsOf } from './statistics.mjs'

/**
 * @typedef {{ name: string, scenario: import('./types.d.ts').Scenario }} Loaded
 *
 * @param {Loaded[]} loaded
 * @param {{ smoke: boolean, caseTexts: string[], only: string[] }} asked `caseTexts`: of cases whose names
 *   contain one; `only`: implementations, beside which the baseline is always run. None: all
 * @returns {(Loaded & { cases: import('./types.d.ts').Case[] })[]} without the scenarios of which nothing is left
 */
export function selectCases(loaded, { smoke, caseTexts, only }) {
  const all = loaded.map(({ name, scenario }) => ({
    name,
    scenario,
    cases: smoke ? scenario.smokeCases : scenario.cases,
  }))
  const caseNames = all.flatMap(({ cases }) => cases.map((each) => each.name))
  assertKnown('case', caseTexts, caseNames, (name, text) => name.includes(text))
  const implementations = all.flatMap(({ scenario }) => scenario.implementations)
  assertKnown('implementation', only, implementations, (name, text) => name === text)

  const isWanted = ({ name }) =>
    caseTexts.length === 0 || caseTexts.some((text) => name.includes(text))
  const selected = all
    .map((each) => ({
      ...each,
      cases: each.cases
        .filter(isWanted)
        .map((one) => narrow(each.scenario, one, only))
        .filter((one) => one.only === undefined || one.only.length > 0),
    }))
    .filter(({ cases }) => cases.length > 0)
  if (selected.length > 0) return selected
  throw new Error(`No case named like that is run with ${only.join(' or ')}`)
}

/** Without any of those that are wanted there is nothing to compare the baseline with. */
function narrow(scenario, each, only) {
  if (only.length === 0) return each
  const there = implementationsOf(scenario, each)
  if (!there.some((name) => only.includes(name))) return { ...each, only: [] }
  return {
    ...each,
    only: there.filter((name) => only.includes(name) || name === scenario.baseline),
  }
}

function assertKnown(what, texts, names, fits) {
  const unknown = texts.filter((text) => !names.some((name) => fits(name, text)))
  if (unknown.length === 0) return
  throw new Error(
    `No ${what} '${unknown.join("', '")}'; there are ${[...new Set(names)].join('; ')}`,
  )
}
