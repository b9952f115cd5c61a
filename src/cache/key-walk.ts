/**
 * Walking over the live keys, a segment of the index (at most 768 entries) at a time.
 *
 * 1. A key that is there all the while is met exactly once, whatever is written meanwhile.
 * 2. A batch is read whole before it is handed out; a key in it may have gone by then.
 */
import { THREAD_CURSOR } from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'

const MAX_ATTEMPTS = 8
const NO_FILTER = 0
const BY_STAGED_TAG = 1

/** Batches of keys of one bank; with `tagHashes`, of entries with that tag only. */
export function* keyBatches(engine: Engine, tagHashes?: Int32Array): Generator<string[]> {
  for (let shard = 0; shard < engine.shardCount; shard++) {
    let cursor = 0
    do {
      const batch = readBatch(engine, shard, cursor, tagHashes)
      if (batch === undefined) break
      cursor = batch.next
      yield batch.keys
    } while (cursor !== 0)
  }
}

interface Batch {
  keys: string[]
  /** 0: the shard is through. */
  next: number
}

/** undefined: the shard could not be locked in time. */
function readBatch(
  engine: Engine,
  shard: number,
  cursor: number,
  tagHashes: Int32Array | undefined,
): Batch | undefined {
  const hashes = new Map<string, number>()
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (tagHashes !== undefined) engine.stageTags(tagHashes, new Uint8Array(0), 0)
    const filter = tagHashes === undefined ? NO_FILTER : BY_STAGED_TAG
    const count = engine.exports.scan(shard, cursor, filter)
    if (count < 0) return undefined
    const next = engine.result(THREAD_CURSOR)
    // Why again when one is missing: another thread moved or replaced it since the scan.
    if (readKeys(engine, count, hashes) || attempt === MAX_ATTEMPTS - 1)
      return { keys: keysWithin(hashes, cursor, next), next }
  }
  return undefined
}

/** Whether all keys that the scan listed could be read. */
function readKeys(engine: Engine, count: number, hashes: Map<string, number>): boolean {
  let isWhole = true
  for (let index = 0; index < count; index++) {
    const { entry, hash } = engine.scanned(index)
    if (engine.exports.stageKey(entry, hash) === 0) isWhole = false
    else hashes.set(engine.stagedKey(), hash >>> 0)
  }
  return isWhole
}

/**
 * The keys of the range that was scanned last. Why: another thread may have split the segment since an
 * earlier attempt, and the keys of its upper half come with the next batch.
 */
function keysWithin(hashes: Map<string, number>, cursor: number, next: number): string[] {
  const end = next === 0 ? Number.POSITIVE_INFINITY : next
  const keys: string[] = []
  for (const [key, hash] of hashes) if (hash >= cursor && hash < end) keys.push(key)
  return keys
}
