/**
 * lmdb in a folder of the system's for temporary files. Gets answer at once, from one snapshot a turn of the
 * event loop; puts are committed by a thread of its own. It has neither a bound nor lifetimes.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open as openDatabase } from 'lmdb'
import { AT_ONCE, TOGETHER } from './calls.mjs'

/** As one would for a cache: nothing is flushed to the disk. */
const AS_A_CACHE = { noSync: true, noMemInit: true }
/** The unit in which files tell what they occupy. */
const BLOCK_BYTES = 512

export function open({ lmdb, ttlMs }) {
  assert.equal(ttlMs, undefined, 'lmdb has no lifetimes')
  const { path, remove } = temporaryFolder()
  const database = openIn(path, lmdb)
  const cache = {
    get: (key) => database.get(key),
    set: (key, value) => database.put(key, value),
    delete: (key) => database.remove(key),
    getMany: (keys) => database.getMany(keys),
  }
  return {
    cache,
    gets: AT_ONCE,
    sets: TOGETHER,
    fileBytes: () => statSync(join(path, 'data.mdb')).blocks * BLOCK_BYTES,
    async close() {
      await database.close()
      remove()
    },
  }
}

export function openIn(path, options) {
  return openDatabase({ path, ...AS_A_CACHE, ...options })
}

/** One that is gone with the process, if not before. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'hotset-bench-lmdb-'))
  const remove = () => {
    process.off('exit', remove)
    rmSync(path, { recursive: true, force: true })
  }
  process.once('exit', remove)
  return { path, remove }
}
