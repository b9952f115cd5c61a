/**
 * Which keys go when a key changes: what `dependsOn` declares.
 *
 * 1. Edges live apart from entries. A key may depend on one that is not cached, and has an edge before it is
 *    cached itself: C depends on B, later B on A, then A changes, and both go.
 * 2. Declaring replaces what that key depended on before; what depends on it stays.
 * 3. Cycles are allowed, and a key's dependence on itself says nothing.
 * 4. An edge that is lost is an entry that is never invalidated. So no graph loses one quietly: what it cannot
 *    hold it tells of (LocalGraph: `onDropped`), or it refuses to declare.
 *
 * For the cache that calls it: declare before the load begins, not when its result is stored. A change in
 * between then finds the edge, and its delete keeps the load's result out. removeDependents goes on until nobody
 * has declared in between, who may have loaded from what was just deleted.
 */

export interface DependencyGraph {
  /** False as long as nobody has declared anything, and then a write need not ask for dependents. */
  readonly isUsed: boolean
  /**
   * @param lifetimeMs how long the entry may be cached (its longest lifetime and grace); absent: for ever. The
   * edges are kept for as long at least.
   */
  declare(dependent: string, dependencies: readonly string[], lifetimeMs?: number): Promise<void>
  /**
   * All that depends on the keys, directly or not, without the keys themselves; breadth first, each once.
   * 'all': there are too many to name (`maxDependents`), so everything has to go.
   */
  dependentsOf(keys: readonly string[]): Promise<string[] | 'all'>
  /** What the key depended on; what depends on it stays. */
  forget(key: string): Promise<void>
  close(): Promise<void>
}

/** More than these are not named: 'all' is the answer. */
export const DEFAULT_MAX_DEPENDENTS = 1_000_000
