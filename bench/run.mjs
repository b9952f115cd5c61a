/**
 * `npm run bench [-- scenario...] [--smoke] [--json]`: runs the scenarios, prints their tables, and keeps
 * each under results/ as numbers, table and chart, with a README.md that gathers all that is kept.
 */
import { parseCommandLine, USAGE } from './harness/command-line.mjs'
import { describeEnvironment, environmentLines } from './harness/environment.mjs'
import { keepOutcome, writeReport } from './harness/results.mjs'
import { runRounds } from './harness/rounds.mjs'
import { loadScenario, scenarioNames } from './harness/scenarios.mjs'
import { judgeAims, tabulate } from './harness/statistics.mjs'
import { aimLines, tableLines } from './harness/table.mjs'

async function main() {
  const options = parseCommandLine(process.argv.slice(2))
  if (options.help) return console.log(USAGE)
  if (options.list) return listScenarios()
  if (options.report) return writeReport()

  const environment = describeEnvironment(options.seed)
  const say = options.json ? () => {} : console.log
  say(environmentLines(environment).join('\n'))
  const outcomes = []
  for (const name of chosen(options.scenarios)) {
    const scenario = await loadScenario(name)
    const reason = scenario.unavailable?.()
    if (reason !== undefined) {
      say(`\n${scenario.title} (${name}): not run, ${reason}`)
      continue
    }
    say(`\n${scenario.title} (${name})`)
    const outcome = await runScenario(name, scenario, options)
    say(tableLines(scenario, outcome.rows).join('\n'))
    say(aimLines(outcome.aims).join('\n'))
    if (!options.smoke) keepOutcome(outcome, environment)
    outcomes.push(outcome)
  }
  if (!options.smoke) await writeReport()
  if (options.json) console.log(JSON.stringify({ environment, outcomes }, null, 2))
}

/** @returns {Promise<import('./harness/types.d.ts').Outcome>} */
async function runScenario(name, scenario, { smoke, rounds: wanted, seed, json }) {
  const cases = smoke ? scenario.smokeCases : scenario.cases
  const rounds = wanted ?? (smoke ? 1 : scenario.rounds)
  const onRun = json || !process.stderr.isTTY ? undefined : showProgress
  const runs = await runRounds({ name, scenario, cases, rounds, seed, smoke, onRun })
  const rows = tabulate(scenario, cases, runs)
  return { name, rounds, rows, aims: smoke ? [] : judgeAims(scenario, rows) }
}

function chosen(names) {
  const known = scenarioNames()
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return names.length > 0 ? names : known
  throw new Error(`No scenario ${unknown.join(', ')}; there are ${known.join(', ')}`)
}

async function listScenarios() {
  for (const name of scenarioNames()) {
    console.log(`${name.padEnd(20)} ${(await loadScenario(name)).title}`)
  }
}

function showProgress({ round, case: caseName, implementation }) {
  process.stderr.write(`\r\x1b[Kround ${round + 1}: ${caseName}, ${implementation}\r`)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
