/**
 * lmdb: one environment, opened by every thread, values as plain strings. Gets answer at once; puts are made
 * by lmdb's own thread, and waited for.
 */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { openIn, temporaryFolder } from '../../peers/lmdb.mjs'
import { VALUE_BYTES } from '../workload.mjs'

/** Batches whose puts may be on their way: a commit takes all that have come in meanwhile. */
const BATCHES_UNDER_WAY = 10
const STRINGS = { encoding: 'string' }

export async function open({ workload }) {
  const { path } = temporaryFolder()
  const database = openIn(path, STRINGS)
  database.transactionSync(() => {
    for (const [key, value] of workload.entries()) database.putSync(key, value)
  })
  return {
    equip: () => ({ data: { path } }),
    close: () => database.close(),
  }
}

export function connect({ path }, workload) {
  return new LmdbClient(openIn(path, STRINGS), workload)
}

class LmdbClient {
  isSynchronous = false
  #database
  #workload
  /** The last put of each batch that may be under way, the oldest first. */
  #puts = []

  constructor(database, workload) {
    this.#database = database
    this.#workload = workload
  }

  get(key) {
    return this.#database.get(key)
  }

  set(key, value) {
    return this.#database.put(key, value)
  }

  async run(order, start, end) {
    const misses = this.#runBatch(order, start, end)
    if (this.#puts.length > BATCHES_UNDER_WAY) await this.#puts.shift()
    // Why: in one turn of the event loop lmdb reads from one snapshot, and collects puts for one commit.
    await turn()
    return misses
  }

  async finish() {
    await Promise.all(this.#puts)
    this.#puts = []
  }

  #runBatch(order, start, end) {
    const { keys } = this.#workload
    let misses = 0
    let found = 0
    let characters = 0
    let put
    for (let at = start; at < end; at++) {
      const index = order[at] >>> 1
      if ((order[at] & 1) === 1) {
        put = this.#database.put(keys[index], this.#workload.value(index))
        continue
      }
      const answer = this.#database.get(keys[index])
      if (answer === undefined) misses++
      else {
        found++
        characters += answer.length
      }
    }
    assert.equal(characters, found * VALUE_BYTES)
    if (put !== undefined) this.#puts.push(put)
    return misses
  }
}
