/**
 * What is kept of a run: results/<scenario>.json, .md and .svg, and results/README.md of all of them.
 *
 * The numbers are kept with the machine they came from, so that tables and charts can be made again from
 * them, and a report may gather scenarios that were run at different times.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { environmentLines } from './environment.mjs'
import { loadScenario, scenarioNames } from './scenarios.mjs'
import { aimLines, tableLines } from './table.mjs'

const folder = new URL('../results/', import.meta.url)

/** Numbers only: writeReport() makes the rest. */
export function keepOutcome(outcome, environment) {
  mkdirSync(folder, { recursive: true })
  writeResult(`${outcome.name}.json`, `${JSON.stringify({ environment, outcome }, null, 2)}\n`)
}

export async function writeReport() {
  const { drawChart } = await import('./chart.mjs')
  const sections = []
  for (const name of scenarioNames()) {
    const file = new URL(`${name}.json`, folder)
    if (!existsSync(file)) continue
    const { environment, outcome } = JSON.parse(readFileSync(file, 'utf8'))
    const scenario = await loadScenario(name)
    writeResult(`${name}.svg`, drawChart(scenario, outcome.rows))
    const section = sectionOf(scenario, outcome, environment)
    writeResult(`${name}.md`, `# ${section}`)
    sections.push(`## ${section}`)
  }
  writeResult('README.md', [INTRODUCTION, ...sections].join('\n'))
}

const INTRODUCTION = `# Benchmark results

Made by \`npm run bench\`. Each implementation runs in a process of its own, one at a time, in an order that
turns from round to round. A figure is the median of the rounds, with the lowest and the highest in
brackets. Behind it, the median of the ratios within a round: \`1.50x\` is one and a half times as fast as
the baseline (lru-cache, where the text says no other), \`20%\` is a fifth of what the baseline takes. Answers
are checked.
`

function sectionOf(scenario, outcome, environment) {
  const about = scenario.about.replaceAll('\n', ' ')
  return [
    scenario.title,
    '',
    about,
    '',
    `![${scenario.chart.title}](${outcome.name}.svg)`,
    '',
    ...tableLines(scenario, outcome.rows),
    '',
    ...(outcome.aims.length > 0 ? ['Aims:', '', ...aimLines(outcome.aims), ''] : []),
    `${outcome.rounds} ${outcome.rounds === 1 ? 'round' : 'rounds'}. ${environmentLines(environment).join('; ')}.`,
    '',
  ].join('\n')
}

function writeResult(name, text) {
  writeFileSync(new URL(name, folder), text)
}
