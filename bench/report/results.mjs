/**
 * What is kept of a run: of each scenario the numbers, with the machine they came from; and what is made of
 * them: a page and a chart a scenario, README.md and a chart over all, and the table of docs/adaptive-policy.md.
 *
 * 1. All but the numbers can be made again from them, so a report may gather scenarios that were run at
 *    different times, and what the scenarios say of themselves may change.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { loadScenario, scenarioNames } from '../harness/scenarios.mjs'
import { judgeAims } from '../harness/statistics.mjs'
import { GROUPS } from './groups.mjs'
import { headlineOf } from './headline.mjs'
import { indexLines } from './index-page.mjs'
import { scenarioLines } from './scenario-page.mjs'

/** The folder that is kept, or the one that HOTSET_BENCH_RESULTS names. */
const named = process.env.HOTSET_BENCH_RESULTS
const policyPage = new URL('../../docs/adaptive-policy.md', import.meta.url)
const folder =
  named === undefined ? new URL('../results/', import.meta.url) : pathToFileURL(`${named}/`)

/** Numbers only: writeReport() makes the rest. */
export function keepOutcome({ name, rounds, rows, elapsedMs }, environment) {
  mkdirSync(folder, { recursive: true })
  const kept = { environment, outcome: { name, rounds, elapsedMs, rows } }
  writeResult(`${name}.json`, JSON.stringify(kept, null, 2))
}

/** @returns {Map<string, number>} how long the scenarios took whose time was kept, in ms */
export function keptTimes() {
  const times = scenarioNames().map((name) => [name, readKept(name)?.outcome.elapsedMs])
  return new Map(times.filter(([, elapsedMs]) => elapsedMs !== undefined))
}

export async function writeReport() {
  // Why here: it takes a while to load, and runs that keep nothing do without.
  const { drawScenario } = await import('./scenario-chart.mjs')
  const { drawCourse } = await import('./course-chart.mjs')
  const { drawOverview } = await import('./overview-chart.mjs')
  const groups = []
  for (const { title, entries } of GROUPS) {
    groups.push({ title, told: await Promise.all(entries.map(tell)) })
  }
  for (const told of groups.flatMap((group) => group.told)) {
    if (told.kept === undefined) continue
    const { rows } = told.kept.outcome
    // Why asked: a course can be drawn of a run only that was kept with one.
    const draw = rows.some(({ series }) => series !== undefined) ? drawCourse : drawScenario
    writeResult(`${told.name}.svg`, draw(told.scenario, rows))
    writeResult(`${told.name}.md`, scenarioLines(told).join('\n'))
  }
  writeResult('overview.svg', drawOverview(groups))
  writeResult('README.md', indexLines(groups).join('\n'))
  if (named === undefined) await writePolicyPage()
}

async function writePolicyPage() {
  const { withHitRatios } = await import('./policy-page.mjs')
  const kept = readKept('hit-ratio')
  if (kept === undefined) return
  writeFileSync(policyPage, withHitRatios(readFileSync(policyPage, 'utf8'), kept.outcome.rows))
}

/**
 * @typedef {object} Told all that the report knows of a scenario
 * @property {string} name
 * @property {string} question
 * @property {import('../harness/types.d.ts').Scenario} scenario
 * @property {{ environment: object, outcome: import('../harness/types.d.ts').Outcome }} [kept] unless it never ran
 * @property {ReturnType<typeof judgeAims>} aims
 * @property {ReturnType<typeof headlineOf>} headline
 *
 * @returns {Promise<Told>}
 */
async function tell({ name, question, headline }) {
  const scenario = await loadScenario(name)
  const kept = readKept(name)
  const rows = kept?.outcome.rows ?? []
  return {
    name,
    question,
    scenario,
    kept,
    aims: judgeAims(scenario, rows),
    headline: headlineOf(scenario, rows, headline),
  }
}

function readKept(name) {
  const file = new URL(`${name}.json`, folder)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function writeResult(name, text) {
  writeFileSync(new URL(name, folder), `${text.trimEnd()}\n`)
}
