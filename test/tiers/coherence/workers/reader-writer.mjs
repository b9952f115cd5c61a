/**
 * One of the processes that share tiers: writes and reads at random, and tells afterwards what it did and saw.
 *
 * 1. The origin is a file with the version of each key. A write goes there first, then to the cache: as a set of
 *    the new value, or as a delete. Loaders read the file.
 * 2. Times are ms of the system's monotonic clock, which all processes share.
 * 3. The operations are spread over the given time, or take longer where the machine is busy.
 */
import { openSync, readSync, writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { diskTier, memoryTier, redisTier, TieredCache } from '../../../../dist/tiers.js'

const settings = JSON.parse(process.argv[2])
const { process: own, url, news, diskPath, originPath, keyCount, hotKeyCount } = settings
const { operations, reportEvery, lastsMs, pingInterval, disconnectedTtl } = settings

const TICK_MS = 4
const LANES = 50
const VERSION_BYTES = 8
const KEYS_AT_ONCE = 4
/** So many processes may take turns with versions. */
const PROCESSES = 2

const origin = openSync(originPath, 'r+')
const cache = new TieredCache({
  name: 'shared',
  tiers: [
    memoryTier({ maxBytes: '32mb' }),
    ...(diskPath === undefined ? [] : [diskTier({ path: diskPath })]),
    redisTier({ url, news, pingInterval }),
  ],
  ttl: '10m',
  disconnectedTtl,
})

/** Rows: process, key, version, began, acknowledged, effective. */
const writes = []
/** Rows: process, key, version, began, how. */
const reads = []
const told = []
let failed = []
let written = 0
let missed = 0
let seed = settings.seed

for (const name of ['news-lost', 'news-back', 'repaired', 'tier-down', 'tier-up']) {
  cache.events.on(name, ({ tier, keys }) => told.push([now(), name, tier, keys]))
}

const now = () => Number(process.hrtime.bigint()) / 1e6

/** mulberry32 */
function random() {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const nameOf = (key) => `key:${key}`

function originOf(key) {
  const bytes = Buffer.alloc(VERSION_BYTES)
  readSync(origin, bytes, 0, VERSION_BYTES, key * VERSION_BYTES)
  return bytes.readDoubleLE()
}

async function write(key, isDelete) {
  const version = ++written * PROCESSES + own
  const began = now()
  const bytes = Buffer.alloc(VERSION_BYTES)
  bytes.writeDoubleLE(version)
  writeSync(origin, bytes, 0, VERSION_BYTES, key * VERSION_BYTES)
  const { tiers } = isDelete
    ? await cache.delete(nameOf(key))
    : await cache.set(nameOf(key), { key, version })
  const acknowledged = now()
  const row = [own, key, version, began, acknowledged, acknowledged]
  writes.push(row)
  // Why also what was refused: a newer write of this process stands behind it, and may fail.
  if (tiers.redis !== 'stored') failed.push(row)
}

async function read(how, keys, ask) {
  const began = now()
  const values = await ask()
  for (const [nth, key] of keys.entries()) {
    const value = values[nth]
    if (value === undefined) missed++
    else reads.push([own, value.key === key ? key : -1, value.version, began, how])
  }
}

async function load(key) {
  const version = originOf(key)
  if (random() < 0.5) await sleep(random() * 3)
  return { key, version }
}

/** The few hot keys have most of the writes: what is missed of the others stays unseen for long. */
const writtenKey = () =>
  random() < 0.95
    ? Math.floor(random() * hotKeyCount)
    : hotKeyCount + Math.floor(random() * (keyCount - hotKeyCount))
const readKey = () => Math.floor(random() * keyCount)

function operate() {
  const kind = random()
  if (kind < 0.22) return write(writtenKey(), false)
  if (kind < 0.3) return write(writtenKey(), true)
  const key = readKey()
  const name = nameOf(key)
  if (kind < 0.6) return read('get', [key], async () => [await cache.get(name)])
  if (kind < 0.65) return read('getLocal', [key], () => [cache.getLocal(name)])
  if (kind < 0.75) {
    const keys = Array.from({ length: KEYS_AT_ONCE }, readKey)
    return read('getMany', keys, () => cache.getMany(keys.map(nameOf)))
  }
  return read('getOrSet', [key], async () => [await cache.getOrSet(name, () => load(key))])
}

/** What had failed has been made good where nothing waits for its repair. */
function noteRepairs() {
  const asked = now()
  if (failed.length === 0 || cache.stats().tiers.redis.pendingRepairs > 0) return
  for (const row of failed) row[5] = asked
  failed = []
}

/** Each lane has one operation at a time; at most so many are begun as are due. */
async function run() {
  const began = performance.now()
  let begun = 0
  const lane = async () => {
    while (begun < operations) {
      if (begun >= ((performance.now() - began) / lastsMs) * operations) await sleep(TICK_MS)
      else {
        if (++begun % reportEvery === 0) process.send({ begun })
        await operate()
        // Why: what arrives is heard between any two of a lane's operations.
        await nextTurn()
      }
    }
  }
  const noting = setInterval(noteRepairs, TICK_MS)
  await Promise.all(Array.from({ length: LANES }, lane))
  clearInterval(noting)
}

async function settle() {
  while (failed.length > 0 || !cache.stats().tiers.redis.own.connected) {
    noteRepairs()
    await sleep(TICK_MS)
  }
}

async function readAll() {
  const keys = Array.from({ length: keyCount }, (_, key) => key)
  await read('getMany at the end', keys, () => cache.getMany(keys.map(nameOf)))
  await Promise.all(
    keys.map((key) =>
      read('getOrSet at the end', [key], async () => [
        await cache.getOrSet(nameOf(key), () => load(key)),
      ]),
    ),
  )
}

const STEPS = { run, settle, readAll }

process.on('message', async (step) => {
  if (step === 'tell') {
    const stallMs = stalls.max / 1e6
    process.send({ writes, reads, told, stallMs, missed }, () => process.exit())
    return
  }
  await STEPS[step]()
  process.send(step)
})

await cache.ready()
const stalls = monitorEventLoopDelay({ resolution: 10 })
stalls.enable()
process.send('ready')
