/** The page of a scenario: what is done, its chart, its table, its aims, and the machine. */
import { environmentLines } from '../harness/environment.mjs'
import { clock } from './elapsed.mjs'
import { aimLines, tableLines } from './table.mjs'

/** @param {import('./results.mjs').Told} told of a scenario whose numbers are kept */
export function scenarioLines({ name, question, scenario, kept, aims }) {
  const { environment, outcome } = kept
  const { rounds, rows, elapsedMs } = outcome
  const time = elapsedMs === undefined ? '' : ` in ${clock(elapsedMs)} minutes`
  return [
    `# ${scenario.title}`,
    '',
    `${question} [All results](README.md); the scenario is [${name}.mjs](../scenarios/${name}.mjs).`,
    '',
    scenario.about.replaceAll('\n', ' '),
    '',
    `![${scenario.chart.title}](${name}.svg)`,
    '',
    ...tableLines(scenario, rows),
    '',
    ...(aims.length > 0 ? ['Aims:', '', ...aimLines(aims), ''] : []),
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}${time}. ${environmentLines(environment).join('; ')}.`,
  ]
}
