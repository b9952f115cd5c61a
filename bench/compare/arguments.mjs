/** What `npm run bench:compare` is asked: with which build, in which scenarios, how strictly. */
import { parseArgs } from 'node:util'
import { wholeNumber } from '../harness/command-line.mjs'

/** What most changes can be felt in, in some ten minutes. */
export const USUAL_SCENARIOS = [
  'get-hot',
  'get-fresh-keys',
  'set-at-capacity',
  'engine-footprint',
  'engine-speed',
]

export const COMPARE_USAGE = `npm run bench:compare -- <git ref, or folder like dist/> [scenario...] [options]

  --threshold <n>  percent by which something has to be slower to count; default 10
  --smoke          small sizes, one round; nothing is judged
  --rounds <n>     instead of each scenario's own number (or 2, if that is 1)
  --seed <n>       of all random choices; default 1

Compares dist/, which has to be as new as its sources, with the build of a commit, which is made in a folder of its own. Ends with 1 if
something is slower beyond the threshold and beyond the spread of the rounds. Without scenarios:
${USUAL_SCENARIOS.join(', ')}.
`

/** @param {string[]} args */
export function parseCompareArguments(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      threshold: { type: 'string', default: '10' },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [ref, ...scenarios] = positionals
  if (ref === undefined && !values.help) throw new Error(`Compare with what?\n\n${COMPARE_USAGE}`)
  return {
    help: values.help,
    smoke: values.smoke,
    ref,
    scenarios: scenarios.length > 0 ? scenarios : USUAL_SCENARIOS,
    threshold: wholeNumber('--threshold', values.threshold) / 100,
    rounds: values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds),
    seed: wholeNumber('--seed', values.seed),
  }
}
