/** What a test starts ends with it, also where the test throws. */
import { onTestFinished } from 'vitest'

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
