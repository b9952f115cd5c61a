/** A thread that keeps a cache busy while others do the same: what it reads has to be of the key it asked for. */
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { meet, randomFrom } from './meeting.mjs'

const { handle, control, part, thread, threads, operations, stableKeys } = workerData
const STOP = 2
const KEYS = 400
const TAGS = ['a', 'b', 'c']
const CHANGING_KEYS = 3000

const removals = []
const onRemove = part === 'removals' ? (key, reason) => removals.push([key, reason]) : undefined
const cache = SharedCache.attach(handle, { onRemove })
const random = randomFrom(thread + 1)

const PARTS = {
  /** Everything at once; the first thread also clears, and invalidates tags. */
  mixed() {
    for (let index = 0; index < operations; index++) {
      const key = `key ${random(KEYS)}`
      const choice = random(20)
      if (choice < 9) check(key, cache.get(key))
      else if (choice < 14)
        cache.set(key, valueFor(key), { tags: [TAGS[random(3)]], ttl: 1 + random(50) })
      else if (choice < 17) cache.set(key, valueFor(key))
      else if (choice < 18) cache.delete(key)
      else if (choice < 19) check(key, cache.take(key))
      else if (random(20) === 0) for (const [found, value] of cache) check(found, value)
      if (thread === 0 && index % 300 === 0) cache.clear()
      if (thread === 0 && index % 70 === 0) cache.invalidateTags(TAGS[random(3)])
    }
  },

  /** The first thread walks, the others write. */
  iteration() {
    if (thread > 0) {
      while (Atomics.load(control, STOP) === 0) change()
      return undefined
    }
    const faults = []
    for (let walk = 0; walk < operations; walk++) {
      const met = new Map()
      for (const key of cache.keys()) met.set(key, (met.get(key) ?? 0) + 1)
      for (const key of stableKeys)
        if (met.get(key) !== 1) faults.push([walk, key, met.get(key) ?? 0])
      for (const [key, value] of cache.entries()) check(key, value)
    }
    Atomics.store(control, STOP, 1)
    return faults
  },

  /** Each thread writes keys of its own; what it removes may be another's. */
  removals() {
    let deletes = 0
    for (let index = 0; index < operations; index++) {
      const key = `${thread}: ${random(300)}`
      if (random(4) === 0) deletes += Number(cache.delete(key))
      else cache.set(key, valueFor(key))
    }
    return { deletes, removals }
  },
}

meet(control, 0, threads)
const result = PARTS[part]()
meet(control, 0, threads)
cache.close()
parentPort.postMessage(result)

/** Stays, with another value of another size, or comes and goes. */
function change() {
  const stable = stableKeys[random(stableKeys.length)]
  cache.set(stable, valueFor(stable))
  const other = `changing ${random(CHANGING_KEYS)}`
  if (random(2) === 0) cache.set(other, valueFor(other))
  else cache.delete(other)
}

function valueFor(key) {
  const bytes = random(10) === 0 ? random(5000) : random(100)
  return random(2) === 0 ? { key, text: 'x'.repeat(bytes) } : `${key}|${'y'.repeat(bytes)}`
}

function check(key, value) {
  if (value === undefined) return
  const text = typeof value === 'string' ? value : `${value.key}|${value.text}`
  const [owner, rest] = text.split('|')
  assert.equal(owner, key)
  assert.equal(rest, rest.slice(0, 1).repeat(rest.length))
}
