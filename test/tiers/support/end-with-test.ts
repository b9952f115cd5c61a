/**
 * What a test starts ends with it, also where the test throws; and with vitest, also where that is killed.
 */
import { onTestFinished } from 'vitest'

// Why: a worker of vitest that is busy with a test lives on when vitest is killed, and so would its servers.
process.once('disconnect', () => process.exit())

/**
 * Has `end` called when the test that runs now is over. Outside a test, in a hook or at the top of a file,
 * nothing is arranged: the hook's own counterpart ends what it started, or the end of the process does.
 */
export function endWithTest(end: () => Promise<void>): void {
  try {
    onTestFinished(end)
  } catch {
    // Not in a test: vitest says so by throwing.
  }
}
