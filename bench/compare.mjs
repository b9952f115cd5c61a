/**
 * `npm run bench:compare -- <git ref> [scenario...]`: runs scenarios on dist/ and on the build of a commit, in
 * turn, and prints the ratios. Ends with 1 if something is slower. Keeps nothing, and refuses a dist/ that is
 * older than its sources.
 */
import { fileURLToPath } from 'node:url'
import { COMPARE_USAGE, parseCompareArguments } from './compare/arguments.mjs'
import { openOtherBuild } from './compare/other-build.mjs'
import { compareRuns, ownCases } from './compare/ratios.mjs'
import { closingLine, comparisonLines } from './compare/report.mjs'
import { runInChild } from './harness/rounds.mjs'
import { chooseScenarios, loadScenario } from './harness/scenarios.mjs'
import { assertBuilt } from './harness/stale-build.mjs'
import { implementationsOf } from './harness/statistics.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const dist = `${root}dist`
/** One round has no spread, and proves nothing. */
const LEAST_ROUNDS = 2

async function main() {
  const options = parseCompareArguments(process.argv.slice(2))
  if (options.help) return console.log(COMPARE_USAGE)
  const names = chooseScenarios(options.scenarios)
  if (!options.smoke) assertBuilt()

  const other = openOtherBuild(options.ref, root)
  const leave = () => {
    other.remove()
    process.exit(130)
  }
  process.once('SIGINT', leave)
  try {
    // Why set: so that scenarios know that it is not only about this checkout.
    process.env.HOTSET_BENCH_DIST = dist
    console.log(`before: ${other.name}\nnow: ${dist}`)
    const results = []
    for (const name of names) results.push(await compareScenario(name, other.dist, options))
    report(results, options)
  } finally {
    process.removeListener('SIGINT', leave)
    other.remove()
  }
}

async function compareScenario(name, otherDist, options) {
  const scenario = await loadScenario(name)
  console.log(`\n${scenario.title} (${name})`)
  const reason = scenario.unavailable?.()
  if (reason !== undefined) {
    console.log(`not run, ${reason}`)
    return { scenario: name, rows: [], isFailed: false }
  }
  try {
    const pairs = await runPairs(name, scenario, otherDist, options)
    const rows = compareRuns(scenario, pairs, options.threshold)
    console.log(comparisonLines(rows).join('\n'))
    return { scenario: name, rows, isFailed: false, isJudged: pairs.some(({ round }) => round > 0) }
  } catch (error) {
    // Why go on: an older build may lack what a scenario asks for, and the others are worth their time.
    console.log(`not compared: ${error.message.split('\n')[0]}`)
    return { scenario: name, rows: [], isFailed: true }
  }
}

/** Each case and implementation on both builds, one after the other; who is first changes each round. */
async function runPairs(name, scenario, otherDist, { smoke, rounds: wanted, seed }) {
  const rounds = smoke ? 1 : (wanted ?? Math.max(LEAST_ROUNDS, scenario.rounds))
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    for (const each of ownCases(scenario, smoke ? scenario.smokeCases : scenario.cases)) {
      for (const implementation of implementationsOf(scenario, each)) {
        const order = { name, implementation, cases: [each], seed: seed + round, smoke }
        const pair = { case: each.name, implementation, round, before: {}, after: {} }
        const turns = [
          ['before', otherDist],
          ['after', dist],
        ]
        for (const [side, folder] of round % 2 === 0 ? turns : turns.toReversed()) {
          const env = { ...process.env, HOTSET_BENCH_DIST: folder }
          pair[side] = (await runInChild(order, env))[0]
        }
        pairs.push(pair)
      }
    }
  }
  return pairs
}

function report(results, { threshold }) {
  const isJudged = results.some((result) => result.isJudged)
  console.log(`\n${closingLine(results, threshold, isJudged)}`)
  const isWorse = results.some(({ rows }) => rows.some(({ verdict }) => verdict === 'worse'))
  if (isWorse || results.some(({ isFailed }) => isFailed)) process.exitCode = 1
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
