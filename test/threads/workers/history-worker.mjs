/**
 * A thread of the history check: does random operations on a few keys, and writes down each with its times.
 *
 * Times are sound across threads: what ended before another began has the smaller number. By 'ticks' they
 * are one shared counter, raised at each beginning and each end: an order that no hardware can bend, though
 * counting is a barrier that the cache itself may lack. By 'nanoseconds' they are the process's monotonic
 * clock, which is the same on all cores and orders nothing.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { buildValue, identify, valueId } from './history-values.mjs'
import { meet, randomFrom } from './meeting.mjs'

const { handle, near, control, rows, rowWords, kinds, thread, threads } = workerData
const { operations, seed, values, times, registers, counters, fillers, sweep, batch } = workerData

const ABSENT = -1
/** A value of nobody. */
const TORN = -9
const TICKS = 2
const MAX_PROBLEMS = 5
/** Values of one size on one key: copied in and out all the time. */
const IN_PLACE_MIX = ['get', 'set']
const REGISTER_MIX = [
  ...['get', 'get', 'get', 'get', 'get', 'get', 'get', 'get', 'get', 'get'],
  ...['set', 'set', 'set', 'set', 'add', 'delete', 'take', 'version', 'version', 'compareAndSet'],
]
const COUNTER_MIX = [
  ...['get', 'get', 'get', 'get', 'get', 'get', 'increment', 'increment', 'increment', 'increment'],
  ...['set', 'delete', 'version', 'compareAndSet'],
]
/** One in so many operations is of the whole cache, where any is. */
const SWEEPING_CHANCE = 500
const TAGS = { tags: ['a', 'of all'] }

const cache = SharedCache.attach(handle, { near })
const random = randomFrom(seed)
const SWEEPS = { clear: () => cache.clear(), invalidateTags: () => cache.invalidateTags('of all') }
const options = sweep === 'invalidateTags' ? TAGS : undefined
const keys = [...registers, ...counters]
const lastVersions = keys.map(() => 0)
const problems = []
const zero = workerData.zeroNanoseconds
const read =
  times === 'ticks'
    ? () => Atomics.add(control, TICKS, 1) >>> 0
    : () => Number(process.hrtime.bigint() - zero)
let sequence = 0

meet(control, 0, threads)
for (let index = 0; index < operations; index++) step(index)
const { nearHits } = cache.stats()
cache.close()
parentPort.postMessage({ problems, nearHits })

function step(index) {
  if (fillers > 0 && random(2) === 0) fill()
  const key = values === 'even' ? 0 : random(keys.length)
  const isCounter = key >= registers.length
  const at = index * rowWords
  if (sweep !== undefined && random(SWEEPING_CHANCE) === 0) {
    // Why as set: for each key it is a write, of nothing, that tells no result.
    record(at, 'set', -1, ABSENT, 0, () => {
      SWEEPS[sweep]()
      return 1
    })
    return
  }
  const mix = isCounter ? COUNTER_MIX : values === 'even' ? IN_PLACE_MIX : REGISTER_MIX
  const wanted = mix[random(mix.length)]
  const kind = wanted === 'compareAndSet' && lastVersions[key] === 0 ? 'version' : wanted
  perform(at, kind, key, isCounter)
}

/** Other keys, so that some of those that are watched have to go. */
function fill() {
  cache.set(`filler ${random(fillers)}`, buildValue('mixed', 'filler', random(1000)))
}

function perform(at, kind, key, isCounter) {
  const name = keys[key]
  const id = isCounter ? valueId(thread, 0) + sequence++ * 1000 : valueId(thread, sequence++)
  const value = isCounter ? id : undefined
  const made = () => value ?? buildValue(values, name, id)
  switch (kind) {
    case 'get':
      return recordRead(at, kind, key, isCounter, reader(key))
    case 'take':
      return recordRead(at, kind, key, isCounter, () => cache.take(name))
    case 'set':
    case 'add': {
      const stored = made()
      return record(at, kind, key, id, 0, () => Number(cache[kind](name, stored, options)))
    }
    case 'delete':
      return record(at, kind, key, 0, 0, () => Number(cache.delete(name)))
    case 'compareAndSet': {
      const stored = made()
      const version = lastVersions[key]
      lastVersions[key] = 0
      const swap = () => Number(cache.compareAndSet(name, version, stored, options))
      return record(at, kind, key, id, version, swap)
    }
    case 'version': {
      const version = record(at, kind, key, 0, 0, () => cache.info(name)?.version ?? 0)
      lastVersions[key] = version
      return version
    }
    case 'increment':
      return record(at, kind, key, 1, 0, () => cache.increment(name, 1, options))
  }
}

/** A get of the key, among those of others where gets are in batches. */
function reader(key) {
  if (batch === undefined) return () => cache.get(keys[key])
  const place = random(batch)
  const names = Array.from(
    { length: batch },
    (_, index) => keys[(key + index - place + batch * keys.length) % keys.length],
  )
  return () => cache.getMany(names)[place]
}

/** Looks at the value once the end is written down, so that looking takes no part in the operation. */
function recordRead(at, kind, key, isCounter, call) {
  let value
  record(at, kind, key, 0, 0, () => {
    value = call()
    return 0
  })
  rows[at + 6] = value === undefined ? ABSENT : isCounter ? value : identifyOrTell(keys[key], value)
}

function record(at, kind, key, argument, version, call) {
  rows[at] = kinds.indexOf(kind)
  rows[at + 1] = key
  rows[at + 4] = argument
  rows[at + 5] = version
  rows[at + 2] = read()
  const result = call()
  rows[at + 3] = read()
  rows[at + 6] = result
  return result
}

function identifyOrTell(name, value) {
  const id = identify(values, name, value)
  if (id === undefined && problems.length < MAX_PROBLEMS) {
    const shown = typeof value === 'string' ? value.slice(0, 60) : String(value).slice(0, 60)
    problems.push(`thread ${thread} read of '${name}' what nobody wrote: ${typeof value} ${shown}`)
  }
  return id ?? TORN
}
