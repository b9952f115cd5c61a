/** Which keys of a cache lie in the first half of its shards, and which in the second. */

/**
 * Every key is taken away and set again, to see whose shard changes: meant for a few thousand keys.
 *
 * @param {import('../../src/index.js').SharedCache} cache that holds all keys of the workload
 * @returns {{ first: number[], second: number[] }} indices of keys
 */
export function splitByShard(cache, workload) {
  const halves = { first: [], second: [] }
  for (const [index, key] of workload.keys.entries()) {
    const before = cache.stats().perShard
    cache.delete(key)
    const after = cache.stats().perShard
    cache.set(key, workload.freshValue(index))
    const shard = before.findIndex(({ entries }, at) => entries !== after[at].entries)
    if (shard < 0) throw new Error(`Key ${index} is in no shard`)
    halves[shard < before.length / 2 ? 'first' : 'second'].push(index)
  }
  return halves
}
