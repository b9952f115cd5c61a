/** Access rules through every method of a TieredCache: who may, and that nothing is done for who may not. */
import { expect, it, onTestFinished } from 'vitest'
import { AccessDeniedError, memoryTier, TieredCache } from '../../src/tiers/index.js'
import { ScriptedTier } from './support/scripted-tier.js'

type Cache = TieredCache<string>

async function createCache(): Promise<{ cache: Cache; tier: ScriptedTier }> {
  const tier = new ScriptedTier()
  const cache = new TieredCache<string>({
    tiers: [memoryTier({ maxBytes: '2mb' }), tier],
    allow: [
      { pattern: 'user:*', roles: ['reader'], actions: ['read'] },
      { pattern: 'user:*', roles: ['writer'], actions: ['write'] },
      { pattern: 'user:*', roles: ['janitor'], actions: ['invalidate'], tags: 'user:*' },
      { pattern: '*', roles: ['admin'], tags: '*' },
    ],
  })
  onTestFinished(() => cache.close())
  const admin = cache.as({ roles: ['admin'] })
  await admin.setMany([
    ['user:1', 'one'],
    ['user:2', 'two'],
    ['other', 'secret'],
  ])
  admin.on('user.changed', ['user:{id}', { tag: 'user:{id}' }])
  admin.on('user.left', 'user:{id}*')
  admin.on('all.changed', ['user:1', 'other'])
  return { cache, tier }
}

async function keysOf(cache: Cache, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of cache.keys(prefix)) keys.push(key)
  return keys.sort()
}

/** What it is, who may do it with users' keys, and what is denied to everybody but admins. */
const METHODS: [
  string,
  string[],
  { allowed: (cache: Cache) => unknown; denied: (cache: Cache) => unknown; target: string },
][] = [
  ['getLocal', ['reader'], on((cache, key) => cache.getLocal(key))],
  ['get', ['reader'], on((cache, key) => cache.get(key))],
  ['getMany', ['reader'], on((cache, key) => cache.getMany(['user:2', key]))],
  ['getEntry', ['reader'], on((cache, key) => cache.getEntry(key))],
  ['getOrSet', ['reader', 'writer'], on((cache, key) => cache.getOrSet(key, () => 'loaded'))],
  ['keys', ['reader'], on((cache, key) => keysOf(cache, key), 'other*')],
  ['set', ['writer'], on((cache, key) => cache.set(key, 'new'))],
  [
    'setMany',
    ['writer'],
    on((cache, key) =>
      cache.setMany([
        ['user:2', 'new'],
        [key, 'new'],
      ]),
    ),
  ],
  ['delete', ['writer'], on((cache, key) => cache.delete(key))],
  ['deleteMany', ['writer'], on((cache, key) => cache.deleteMany(['user:2', key]))],
  ['take', ['reader', 'writer'], on((cache, key) => cache.take(key))],
  ['dependsOn', ['writer'], on((cache, key) => cache.dependsOn(key, ['user:2']))],
  ['expire', ['janitor'], on((cache, key) => cache.expire('user:2', key))],
  ['invalidateTags', ['janitor'], on((cache, key) => cache.invalidateTags('user:2', key))],
  ['expireTags', ['janitor'], on((cache, key) => cache.expireTags('user:2', key))],
  ['deleteByPrefix', ['janitor'], on((cache, key) => cache.deleteByPrefix(key), 'other*')],
  ['deleteByPattern', ['janitor'], on((cache, key) => cache.deleteByPattern(`${key}*`), 'other*')],
  [
    'emit',
    ['janitor'],
    {
      allowed: (cache) => cache.emit('user.changed', { id: 1 }),
      denied: (cache) => cache.emit('all.changed'),
      target: 'other',
    },
  ],
]

function on(call: (cache: Cache, key: string) => unknown, target = 'other') {
  return {
    allowed: (cache: Cache) => call(cache, 'user:1'),
    denied: (cache: Cache) => call(cache, 'other'),
    target,
  }
}

it.each(METHODS)('%s is allowed to those roles that a rule names: %s', async (_, roles, calls) => {
  const { cache } = await createCache()
  await calls.allowed(cache.as({ roles }))
  await calls.allowed(cache.as({ roles: ['admin'] }))
  await calls.denied(cache.as({ roles: ['admin'] }))
})

it.each(METHODS)(
  '%s is denied where a rule is missing, and nothing is half-done',
  async (...args) => {
    const [, roles, { allowed, denied, target }] = args
    const { cache, tier } = await createCache()
    const before = [...tier.kept.keys()]
    const calls = tier.calls.length
    const others = ['reader', 'writer', 'janitor'].filter((role) => !roles.includes(role))
    for (const without of [[], others, ...(roles.length > 1 ? roles.map((role) => [role]) : [])]) {
      await expect(attempt(() => allowed(cache.as({ roles: without })))).rejects.toThrow(
        AccessDeniedError,
      )
    }
    await expect(attempt(() => allowed(cache))).rejects.toThrow('anyone without roles')
    const error: unknown = await attempt(() => denied(cache.as({ roles }))).catch(
      (thrown) => thrown as AccessDeniedError,
    )
    if (!(error instanceof AccessDeniedError)) throw error
    expect(error).toMatchObject({
      code: 'ERR_HOTSET_ACCESS_DENIED',
      target,
      roles: [...roles].sort(),
    })
    expect(['read', 'write', 'invalidate']).toContain(error.action)
    for (const part of [error.action, target, ...roles]) expect(error.message).toContain(part)
    expect(tier.calls).toHaveLength(calls)
    expect([...tier.kept.keys()]).toEqual(before)
    expect(await cache.memory.getMany(['user:1', 'user:2', 'other'])).toEqual([
      'one',
      'two',
      'secret',
    ])
  },
)

/** getLocal throws, the others reject. */
async function attempt(call: () => unknown): Promise<unknown> {
  return call()
}

it('walks over many keys pass over those that are not allowed', async () => {
  const { cache } = await createCache()
  const janitor = cache.as({ roles: ['janitor', 'reader'] })
  const admin = cache.as({ roles: ['admin'] })
  expect(await keysOf(janitor)).toEqual(['user:1', 'user:2'])
  expect(await keysOf(admin)).toEqual(['other', 'user:1', 'user:2'])
  expect(await janitor.deleteByPattern('*1')).toMatchObject({ ok: true, deleted: 1 })
  expect(await keysOf(admin)).toEqual(['other', 'user:2'])
  expect(await janitor.clear()).toMatchObject({ ok: true, deleted: 1 })
  expect(await keysOf(admin)).toEqual(['other'])
  await admin.clear()
  expect(await keysOf(admin)).toEqual([])
})

it('an event that nobody has rules for is denied to nobody', async () => {
  const { cache } = await createCache()
  expect(await cache.as({ roles: ['reader'] }).emit('unknown')).toMatchObject({ ok: true })
})

it('everything is denied to everybody where the list of rules is empty, and nothing without it', async () => {
  const closed = new TieredCache<string>({ allow: [] })
  const open = new TieredCache<string>()
  onTestFinished(() => closed.close())
  onTestFinished(() => open.close())
  await expect(closed.get('k')).rejects.toThrow(AccessDeniedError)
  await expect(closed.as({ roles: ['admin'] }).set('k', 'v')).rejects.toThrow(AccessDeniedError)
  await expect(closed.clear()).rejects.toThrow(AccessDeniedError)
  expect(await open.as({ roles: [] }).set('k', 'v')).toMatchObject({ ok: true })
  expect(await open.get('k')).toBe('v')
})

it('views share all else: entries, events, rules of events, statistics and the end', async () => {
  const { cache } = await createCache()
  const writer = cache.as({ roles: ['writer'] })
  const reader = writer.as({ roles: ['reader'] })
  await writer.set('user:3', 'three')
  expect(await reader.get('user:3')).toBe('three')
  expect(reader.events).toBe(cache.events)
  expect(reader.memory).toBe(cache.memory)
  await cache.as({ roles: ['janitor'] }).emit('user.left', { id: 3 })
  expect(await reader.get('user:3')).toBeUndefined()
  await expect(reader.set('user:3', 'x')).rejects.toThrow(/'reader' to write the key 'user:3'/)
  await writer.close()
  await expect(reader.get('user:1')).rejects.toThrow('closed')
})
