/**
 * Runs a property so often, or for as long as a slow machine may take. A failure prints its seed and path,
 * with which `fc.assert` runs the very same again; where HOTSET_SEED is set, all runs begin from it, and
 * HOTSET_RUNS asks for more or fewer of them.
 */
import fc from 'fast-check'

/** Why at all: each try at a simpler example runs a whole cache, and no timeout of vitest interrupts that. */
const TIME_LIMIT_MS = 30_000

export function checkProperty<Values>(property: fc.IProperty<Values>, runs: number): void {
  const { HOTSET_SEED, HOTSET_RUNS } = process.env
  fc.assert(property, {
    numRuns: HOTSET_RUNS === undefined ? runs : Number(HOTSET_RUNS),
    ...(HOTSET_SEED !== undefined && { seed: Number(HOTSET_SEED) }),
    ...(HOTSET_RUNS === undefined && { interruptAfterTimeLimit: TIME_LIMIT_MS }),
  })
}
