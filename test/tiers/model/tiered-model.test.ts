/** A TieredCache of memory, an LMDB file and a real Redis, against a model of plain maps. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { diskTier, memoryTier, redisTier, TieredCache } from '../../../src/tiers/index.js'
import { ManualClock } from '../../support/manual-clock.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { TieredModel } from './tiered-model.js'
import { addRules, Driver, type TieredOperation, tieredOperations } from './tiered-operations.js'

const RUNS = 50
const TIME_LIMIT_MS = 20_000

const folder = mkdtempSync(join(tmpdir(), 'hotset-model-'))
let redis: RedisInstance
let caches = 0

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  await redis.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(operations: readonly TieredOperation[]): Promise<void> {
  // Why from the time of the day on: Redis has its own clock, and tells by it since when a tag is stale.
  const clock = new ManualClock(Date.now())
  const name = `model-${++caches}`
  const cache = new TieredCache<string>({
    name,
    clock,
    tiers: [
      memoryTier({ maxBytes: '2mb', clock }),
      diskTier({ path: join(folder, name) }),
      redisTier({ url: redis.url }),
    ],
  })
  try {
    await cache.ready()
    addRules(cache)
    const driver = new Driver(cache, new TieredModel(clock.now()), clock)
    for (const [index, operation] of operations.entries()) {
      try {
        await driver.run(operation)
      } catch (error) {
        throw new Error(`${index}: ${JSON.stringify(operation)}`, { cause: error })
      }
    }
    expect(cache.memory.verify()).toMatchObject({ ok: true })
  } finally {
    await cache.close()
  }
}

it('answers as the model does, whatever is done to it', async () => {
  const { HOTSET_SEED, HOTSET_RUNS } = process.env
  await fc.assert(fc.asyncProperty(tieredOperations, run), {
    numRuns: HOTSET_RUNS === undefined ? RUNS : Number(HOTSET_RUNS),
    ...(HOTSET_RUNS === undefined && { interruptAfterTimeLimit: TIME_LIMIT_MS }),
    ...(HOTSET_SEED !== undefined && { seed: Number(HOTSET_SEED) }),
  })
})
