/**
 * Takes away what depends on keys that have changed, those included that declare their dependence meanwhile.
 *
 * 1. To be called once the change is done: who declares after the first question reads what is new.
 * 2. Where there are dependents it asks again after removing them, as another entry may have been loaded from one
 *    of them before it went, and have declared so after the question. That entry was declared before its load
 *    began, so the next question finds it; one that none finds was loaded from what is new.
 * 3. It ends after MAX_ROUNDS rounds with 'all', if new dependents appear in each of them.
 */
import type { DependencyGraph } from './dependencies.js'

const MAX_ROUNDS = 10

/**
 * @param remove deletes these from all tiers, and keeps out what is being loaded of them; or, for 'all', everything
 * @returns how many keys were removed, or 'all'
 */
export async function removeDependents(
  graph: DependencyGraph,
  keys: readonly string[],
  remove: (keys: readonly string[] | 'all') => Promise<unknown>,
): Promise<number | 'all'> {
  if (!graph.isUsed) return 0
  const removed = new Set<string>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const dependents = await graph.dependentsOf(keys)
    if (dependents === 'all') break
    const found = dependents.filter((key) => !removed.has(key))
    if (found.length === 0) return removed.size
    await remove(found)
    for (const key of found) removed.add(key)
  }
  await remove('all')
  return 'all'
}
