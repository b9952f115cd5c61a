/**
 * Takes away what depends on keys that have changed, those included that declare their dependence meanwhile.
 *
 * 1. To be called once the change is done: who declares after the first question reads what is new.
 * 2. Where there are dependents it asks and removes again, until a round finds no new ones, and two times at least.
 *    While the first of them go, another may be loaded from one that is still there: one that is new, and is found
 *    by the next question as it declared before its load, or one that was removed before and is back too early.
 * 3. What can be left, until its lifetime ends: a value loaded from such an early return of a value that was
 *    itself loaded from another one, all of them within the moments that two rounds take.
 * 4. It ends after MAX_ROUNDS rounds with 'all', if new dependents appear in each of them.
 */
import type { DependencyGraph } from './dependencies.js'

const MAX_ROUNDS = 10

/**
 * @param remove deletes these from all tiers, and keeps out what is being loaded of them; or, for 'all', everything
 * @returns how many keys were removed, or 'all'
 */
export async function removeDependents(
  graph: Pick<DependencyGraph, 'isUsed' | 'dependentsOf'>,
  keys: readonly string[],
  remove: (keys: readonly string[] | 'all') => Promise<unknown>,
): Promise<number | 'all'> {
  if (!graph.isUsed) return 0
  const removed = new Set<string>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const dependents = await graph.dependentsOf(keys)
    if (dependents === 'all') break
    const known = removed.size
    for (const key of dependents) removed.add(key)
    if (dependents.length > 0) await remove(dependents)
    if (removed.size === known) return known
  }
  await remove('all')
  return 'all'
}
