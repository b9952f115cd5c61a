/**
 * Threads that look at one key together. The first leads: what it does is over before the others look. Each
 * looks at the old value often enough to have it in its near cache.
 */
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import { insideOf } from '../../../dist/src/cache/shared-cache.js'
import { SharedCache } from '../../../dist/src/index.js'
import { meet } from './meeting.mjs'

const { handle, control, clockWords, part, thread, threads, rounds, key } = workerData
const clock = clockWords && { now: () => Atomics.load(clockWords, 0) }
const cache = SharedCache.attach(handle, { clock })
const leads = thread === 0
const TAGS = ['group', 'other']
const LARGE = 'x'.repeat(20_000)
const MAX_LOOKS = 2e9

/** What changes the key in one thread; afterwards it has the new value, or none. */
const CHANGES = [
  ['set', (value) => cache.set(key, value), true],
  ['set to more bytes', (value) => cache.set(key, { ...value, text: 'x'.repeat(900) }), true],
  ['set to a large value', (value) => cache.set(key, { ...value, text: LARGE }), true],
  ['delete', () => cache.delete(key), false],
  ['take', () => cache.take(key), false],
  ['invalidateTags', () => cache.invalidateTags('group'), false],
  ['expireTags', () => insideOf(cache).expireTags(['group']), false],
  ['delete and add', (value) => cache.delete(key) && cache.add(key, value), true],
  ['compareAndSet', (value) => cache.compareAndSet(key, cache.info(key).version, value), true],
  ['clear', () => cache.clear(), false],
  ['setMany', (value) => cache.setMany([[key, value]]), true],
  ['deleteMany', () => cache.deleteMany([key]), false],
  ['deleteByTag', () => cache.deleteByTag('other'), false],
  ['deleteByPrefix', () => cache.deleteByPrefix(key.slice(0, 2)), false],
  ['deleteByPattern', () => cache.deleteByPattern(`${key[0]}*`), false],
]

const PARTS = {
  changes() {
    for (let round = 0; round < rounds; round++) {
      const [name, change, isSet] = CHANGES[round % CHANGES.length]
      const where = `round ${round}, after ${name}, thread ${thread}`
      together(
        () => cache.set(key, { round, is: 'old' }, { tags: TAGS }),
        () => seeOften({ round, is: 'old' }, where),
      )
      together(
        () => change({ round, is: 'new' }),
        () => seeChange(isSet ? { round, is: 'new' } : undefined, where),
      )
    }
  },

  /** The leader changes the value once the others have looked so often that their loop is compiled. */
  flag() {
    if (leads) cache.set(key, 'before')
    meet(control, 0, threads)
    if (leads) {
      while (Atomics.load(control, 2) < threads - 1)
        Atomics.wait(control, 2, Atomics.load(control, 2), 5)
      cache.set(key, 'after')
      return
    }
    let looks = 0
    while (cache.get(key) === 'before') {
      if (++looks === 1_000_000) Atomics.add(control, 2, 1)
      assert.ok(looks < MAX_LOOKS, 'the change was never seen')
    }
    assert.ok(looks >= 1_000_000)
    assert.equal(cache.get(key), 'after')
  },

  expiry() {
    for (let round = 0; round < rounds; round++) {
      const value = { round, is: 'old' }
      const where = `round ${round}, thread ${thread}`
      together(
        () => cache.set(key, value, { ttl: 100 }),
        () => seeOften(value, where),
      )
      together(
        () => Atomics.add(clockWords, 0, 99),
        () => seeOften(value, where),
      )
      together(
        () => Atomics.add(clockWords, 0, 1),
        () => seeChange(undefined, where),
      )
    }
  },

  /** The leader's hit renews the lifetime for all. */
  sliding() {
    for (let round = 0; round < rounds; round++) {
      const value = { round, is: 'old' }
      const where = `round ${round}, thread ${thread}`
      together(
        () => cache.set(key, value, { ttl: 100, sliding: true }),
        () => assert.deepEqual(cache.peek(key), value, where),
      )
      together(
        () => {
          Atomics.add(clockWords, 0, 99)
          cache.get(key)
          Atomics.add(clockWords, 0, 99)
        },
        () => assert.deepEqual(cache.peek(key), value, where),
      )
      together(
        () => Atomics.add(clockWords, 0, 1),
        () => seeChange(undefined, where),
      )
    }
  },
}

meet(control, 0, threads)
PARTS[part]()
meet(control, 0, threads)
const { nearHits } = cache.stats()
cache.close()
parentPort.postMessage(nearHits)

function together(act, look) {
  if (leads) act()
  meet(control, 0, threads)
  look()
  meet(control, 0, threads)
}

/** Until it comes from the near cache: that takes a hit that the policy has heard of. */
function seeOften(value, where) {
  assert.deepEqual(cache.get(key), value, where)
  cache.set(`of thread ${thread}`, 0)
  for (let look = 0; look < 3; look++) assert.deepEqual(cache.get(key), value, where)
}

function seeChange(value, where) {
  assert.deepEqual(withoutText(cache.get(key)), value, `get, ${where}`)
  assert.deepEqual(withoutText(cache.peek(key)), value, `peek, ${where}`)
  assert.equal(cache.has(key), value !== undefined, `has, ${where}`)
  assert.equal(cache.info(key) !== undefined, value !== undefined, `info, ${where}`)
  assert.equal([...cache.keys()].includes(key), value !== undefined, `keys, ${where}`)
}

function withoutText(value) {
  if (value === undefined) return undefined
  const { text: _text, ...rest } = value
  return rest
}
