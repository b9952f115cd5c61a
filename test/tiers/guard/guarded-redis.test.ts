/** A guard around a redisTier whose server is stopped, killed and paused. Time is real. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TierEventName } from '../../../src/tiers/events.js'
import { GuardedTier, resolveGuard } from '../../../src/tiers/guard/index.js'
import { redisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { entryOf, textOf } from '../support/scripted-tier.js'

const TIMEOUT_MS = 300

let server: RedisInstance
let guard: GuardedTier
let names: TierEventName[]

beforeEach(async () => {
  server = await startRedis({ appendOnly: true })
  names = []
  const tier = redisTier({ url: server.url })
  guard = new GuardedTier(
    tier,
    resolveGuard({ timeout: TIMEOUT_MS, breaker: { failures: 3, halfOpenAfter: 100 } }),
    {
      cacheName: 'guarded',
      now: () => Date.now(),
      news: (news) => guard.onNews(news),
      problem: () => undefined,
    },
    (name, ..._args) => void names.push(name),
  )
  await guard.open()
  await vi.waitFor(
    async () => expect(await guard.set('probe', entryOf('1'))).toBe('stored'),
    10_000,
  )
})

afterEach(async () => {
  await guard.close()
  await server.close()
})

const untilRepaired = (): Promise<void> =>
  vi.waitFor(() => expect(guard.stats()).toMatchObject({ breaker: 'closed', pendingRepairs: 0 }), {
    timeout: 20_000,
    interval: 20,
  })

it('shows nothing that is older than a write that a killed server has missed', async () => {
  await guard.setMany(['a', 'b', 'c'].map((key) => ({ key, entry: entryOf('old', ['t']) })))
  await guard.set('p:1', entryOf('old'))
  await server.kill()
  expect(await guard.set('a', entryOf('new'))).toBe('failed')
  expect((await guard.delete(['b'])).outcome).toBe('failed')
  expect((await guard.deleteByPrefix('p:')).outcome).toBe('failed')
  expect(await guard.get('c')).toBe(undefined)
  expect(names).toContain('tier-down')
  await server.start()
  await untilRepaired()
  const found = await guard.getMany(['a', 'b', 'c', 'p:1'])
  expect(found?.map(textOf)).toEqual([undefined, undefined, 'old', undefined])
  expect(names.at(-1)).toBe('repaired')
  expect(names).toContain('tier-up')
})

it('shows nothing that is older than a write to a server that hung, whenever that arrives', async () => {
  await guard.set('a', entryOf('old'))
  server.pause()
  expect(await guard.set('a', entryOf('late'))).toBe('failed')
  expect(await guard.set('a', entryOf('newest'))).toBe('failed')
  expect(guard.stats().timeouts).toBeGreaterThan(0)
  server.resume()
  await untilRepaired()
  expect(textOf(await guard.get('a'))).toBe(undefined)
  expect(await guard.set('a', entryOf('after'))).toBe('stored')
  expect(textOf(await guard.get('a'))).toBe('after')
})
