/**
 * lmdb: one environment, opened by every thread, as one would for a cache: without flushing to the disk,
 * values as plain strings. Gets answer at once; puts are made by lmdb's own thread, and waited for.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { open as openDatabase } from 'lmdb'
import { VALUE_BYTES } from '../workload.mjs'

/** Batches whose puts may be on their way: a commit takes all that have come in meanwhile. */
const BATCHES_UNDER_WAY = 10
const ENVIRONMENT = { encoding: 'string', noSync: true, noMemInit: true }

export async function open({ workload }) {
  const path = mkdtempSync(join(tmpdir(), 'hotset-bench-lmdb-'))
  // Why then: it is to go after a failure too.
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  const database = openDatabase({ path, ...ENVIRONMENT })
  database.transactionSync(() => {
    for (const [key, value] of workload.entries()) database.putSync(key, value)
  })
  return {
    equip: () => ({ data: { path } }),
    close: () => database.close(),
  }
}

export function connect({ path }, workload) {
  return new LmdbClient(openDatabase({ path, ...ENVIRONMENT }), workload)
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
