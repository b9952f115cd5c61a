/** The benchmark's arguments: scenario names, and a few switches. */
import { parseArgs } from 'node:util'

export const USAGE = `npm run bench [-- scenario...] [options]

  --case <text>    only cases whose names contain it; may be given again; results are not kept
  --only <name>    only this implementation, and the baseline; may be given again; results are not kept
  --smoke          small sizes, one round; results are not kept
  --json           prints the results as JSON, and nothing else
  --rounds <n>     instead of each scenario's own number
  --seed <n>       of all random choices; default 1
  --report         runs nothing: makes tables and charts again from the results that are kept
  --list           names the scenarios
`

/** @param {string[]} args */
export function parseCommandLine(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      case: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  })
  const { case: caseTexts, ...others } = values
  return {
    ...others,
    caseTexts,
    isPartial: caseTexts.length + values.only.length > 0,
    scenarios: positionals,
    rounds: values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds),
    seed: wholeNumber('--seed', values.seed),
  }
}

export function wholeNumber(option, text) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Error(`${option} takes a whole number from 1 on, not '${text}'`)
}
