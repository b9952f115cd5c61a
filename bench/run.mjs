/**
 * `npm run bench [-- scenario...] [--smoke] [--json]`: runs the scenarios, prints their tables, and keeps
 * each under results/ as numbers, table and chart, with a README.md that leads to all that is kept.
 *
 * 1. Kept is only what was run whole, and of a build that is as new as its sources.
 */
import { parseCommandLine, USAGE } from './harness/command-line.mjs'
import { describeEnvironment, environmentLines } from './harness/environment.mjs'
import { runRounds } from './harness/rounds.mjs'
import { chooseScenarios, loadScenario, scenarioNames } from './harness/scenarios.mjs'
import { selectCases } from './harness/selection.mjs'
import { assertBuilt } from './harness/stale-build.mjs'
import { judgeAims, tabulate } from './harness/statistics.mjs'
import { elapsedLines, expectedLine } from './report/elapsed.mjs'
import { keepOutcome, keptTimes, writeReport } from './report/results.mjs'
import { aimLines, tableLines } from './report/table.mjs'

async function main() {
  const options = parseCommandLine(process.argv.slice(2))
  if (options.help) return console.log(USAGE)
  if (options.list) return listScenarios()
  if (options.report) return writeReport()

  const isKept = !options.smoke && !options.isPartial
  const selected = selectCases(await loadAll(chooseScenarios(options.scenarios)), options)
  // Why not with another build: it is as it is.
  if (!options.smoke && process.env.HOTSET_BENCH_DIST === undefined) assertBuilt()
  const environment = describeEnvironment(options.seed)
  const keptMs = isKept ? keptTimes() : new Map()
  const names = selected.map(({ name }) => name)
  const say = options.json ? () => {} : (lines) => console.log(lines.join('\n'))
  say([...environmentLines(environment), ...expectedLine(names, keptMs)])
  const outcomes = []
  for (const { name, scenario, cases } of selected) {
    const reason = scenario.unavailable?.()
    if (reason !== undefined) {
      say(['', `${scenario.title} (${name}): not run, ${reason}`])
      continue
    }
    say(['', `${scenario.title} (${name})`])
    const outcome = await runScenario(name, scenario, cases, options).catch((error) => {
      // Why no end: the other scenarios are worth their time all the same.
      console.error(error.message)
      process.exitCode = 1
    })
    if (outcome === undefined) continue
    say([...tableLines(scenario, outcome.rows), ...aimLines(outcome.aims)])
    if (isKept) keepOutcome(outcome, environment)
    outcomes.push(outcome)
  }
  if (isKept) await writeReport()
  say(['', ...elapsedLines(outcomes, keptMs)])
  if (options.isPartial) say(['Run in part: nothing is kept of it.'])
  if (options.json) console.log(JSON.stringify({ environment, outcomes }, null, 2))
}

/** @returns {Promise<import('./harness/types.d.ts').Outcome>} */
async function runScenario(name, scenario, cases, { smoke, rounds: wanted, seed, json }) {
  const rounds = wanted ?? (smoke ? 1 : scenario.rounds)
  const onRun = json || !process.stderr.isTTY ? undefined : showProgress
  const began = performance.now()
  const runs = await runRounds({ name, scenario, cases, rounds, seed, smoke, onRun })
  const elapsedMs = performance.now() - began
  const rows = tabulate(scenario, cases, runs)
  return { name, rounds, rows, aims: smoke ? [] : judgeAims(scenario, rows), elapsedMs }
}

async function listScenarios() {
  for (const { name, scenario } of await loadAll(scenarioNames())) {
    console.log(`${name.padEnd(20)} ${scenario.title}`)
  }
}

function loadAll(names) {
  return Promise.all(names.map(async (name) => ({ name, scenario: await loadScenario(name) })))
}

function showProgress({ round, case: caseName, implementation }) {
  process.stderr.write(`\r\x1b[Kround ${round + 1}: ${caseName}, ${implementation}\r`)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
