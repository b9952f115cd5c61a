/**
 * `npm run test:soak [-- part...]`: the tests whose full forms take too long for CI, one after the other, each
 * with what it was asked for and how long it took. Parts: terminations, deaths, history, coherence; default: all.
 *
 * An environment variable that is set already stays as it is, for shorter or longer forms:
 *
 *   HOTSET_DEATH_POINTS=200 npm run test:soak -- deaths
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LONGEST_TEST_MS = 6 * 60 * 60 * 1000

/** What is run, the variable that asks for the full form, and how much that is. */
const PARTS = {
  terminations: {
    files: ['test/threads/termination.test.ts'],
    variable: 'HOTSET_TERMINATIONS',
    full: '600',
  },
  deaths: {
    files: [
      'test/threads/death-at-every-store.test.ts',
      'test/threads/death-while-recovering.test.ts',
      'test/threads/repair-keeps.test.ts',
    ],
    variable: 'HOTSET_DEATH_POINTS',
    full: 'all',
  },
  history: {
    files: ['test/threads/history.test.ts'],
    variable: 'HOTSET_HISTORY_OPERATIONS',
    full: '12000000',
  },
  coherence: {
    files: ['test/tiers/coherence/two-processes.test.ts'],
    variable: 'HOTSET_COHERENCE_OPERATIONS',
    full: '5000000',
  },
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  const names = Object.keys(PARTS).join(', ')
  console.error(`There is no part '${unknown[0]}' of the soak; parts: ${names}`)
  process.exit(2)
}
const names = wanted.length > 0 ? wanted : Object.keys(PARTS)
const outcomes = names.map((name) => runPart(name, PARTS[name]))
console.log(`\n${outcomes.map(({ line }) => line).join('\n')}`)
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1

function runPart(name, { files, variable, full }) {
  const amount = process.env[variable] ?? full
  console.log(`\n=== ${name}: ${variable}=${amount} vitest run ${files.join(' ')}`)
  const before = performance.now()
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', `--testTimeout=${LONGEST_TEST_MS}`, ...files]
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, [variable]: amount },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const minutes = ((performance.now() - before) / 60_000).toFixed(1)
  const verdict = status === 0 ? 'passed' : 'failed'
  return { ok: status === 0, line: `${name} (${variable}=${amount}): ${verdict}, ${minutes} min` }
}
