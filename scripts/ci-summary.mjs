/**
 * `node scripts/ci-summary.mjs <vitest's json report> <failed steps>`: prints `N passed, N failed` and
 * fails unless all is well.
 *
 * A step that failed counts as one failure, unless it is that of tests which are counted already. So
 * does a test file that could not be run, and a report that is not there.
 */
import { existsSync, readFileSync } from 'node:fs'

const [path, steps] = process.argv.slice(2)
const tests = readTests(path)
const failed = tests.failed + Math.max(0, Number(steps) - (tests.failed > 0 ? 1 : 0))
console.log(`${tests.passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || tests.passed === 0 ? 1 : 0

function readTests(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0 }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length }
}
