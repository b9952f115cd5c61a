/**
 * Writes by one thread while another loads: what is being loaded is older than the write. Its caller gets it
 * all the same; the cache does not, nor does anybody who asks after the write.
 */
import { describe, expect, test } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { countLeases, expectSoundAndIdle } from './support/leases.js'
import { RemoteThread } from './support/remote-thread.js'

interface Write {
  what: string
  /** What the key has before; undefined: nothing. */
  before?: unknown
  /** What it has after; undefined: nothing. */
  after?: unknown
  /** In the other thread. */
  act(remote: RemoteThread, key: string): Promise<unknown>
}

const WRITES: Write[] = [
  { what: 'sets the key', after: 'set', act: (remote, key) => remote.call('set', key, 'set') },
  { what: 'adds the key', after: 'set', act: (remote, key) => remote.call('add', key, 'set') },
  {
    what: 'sets the key again',
    before: 'first',
    after: 'set',
    act: (remote, key) => remote.call('set', key, 'set'),
  },
  {
    what: 'sets the key to a large value',
    after: 'x'.repeat(50_000),
    act: (remote, key) => remote.call('set', key, 'x'.repeat(50_000)),
  },
  { what: 'deletes the key', before: 'first', act: (remote, key) => remote.call('delete', key) },
  { what: 'deletes the key, which is missing', act: (remote, key) => remote.call('delete', key) },
  { what: 'takes the key', before: 'first', act: (remote, key) => remote.call('take', key) },
  { what: 'takes the key, which is missing', act: (remote, key) => remote.call('take', key) },
  {
    what: 'increments the key',
    before: 1,
    after: 2,
    act: (remote, key) => remote.call('increment', key),
  },
  {
    what: 'increments the key, which is missing',
    after: 1,
    act: (remote, key) => remote.call('increment', key),
  },
  {
    what: 'compares and sets the key',
    before: 'first',
    after: 'set',
    act: async (remote, key) => {
      const { version } = (await remote.call('info', key)) as { version: number }
      return remote.call('compareAndSet', key, version, 'set')
    },
  },
  { what: 'clears the cache', before: 'first', act: (remote) => remote.call('clear') },
  { what: 'clears the cache, which is empty', act: (remote) => remote.call('clear') },
  { what: 'invalidates a tag', act: (remote) => remote.call('invalidateTags', 'red') },
  {
    what: 'invalidates a tag that the key had',
    before: 'first',
    act: (remote) => remote.call('invalidateTags', 'red'),
  },
  {
    what: 'deletes by tag',
    before: 'first',
    act: (remote) => remote.call('deleteByTag', 'red'),
  },
  { what: 'deletes by prefix', act: (remote) => remote.call('deleteByPrefix', 'k') },
  {
    what: 'deletes by prefix what was there',
    before: 'first',
    act: (remote) => remote.call('deleteByPrefix', 'k'),
  },
  { what: 'deletes by pattern', act: (remote) => remote.call('deleteByPattern', 'k*') },
]

const TAGS = { tags: ['red'] }

/** A load in this thread that ends when it is told to. */
class OwnLoad {
  finish: (value: unknown) => void = () => {}
  readonly result: Promise<unknown>
  loaderCalls = 0

  constructor(cache: SharedCache, key: string, options = {}) {
    this.result = cache.getOrSet(
      key,
      () => {
        this.loaderCalls++
        return new Promise((resolve) => {
          this.finish = resolve
        })
      },
      { ...TAGS, ...options },
    )
  }
}

/** Loads begun until there was no lease for one: then it is the last one's key. */
function exhaustLeases(cache: SharedCache): { key: string; loads: OwnLoad[] } {
  const loads: OwnLoad[] = []
  for (;;) {
    const key = `k${loads.length}`
    const { held } = countLeases(cache)
    const load = new OwnLoad(cache, key)
    if (countLeases(cache).held === held) {
      load.finish(undefined)
      return { key, loads }
    }
    loads.push(load)
  }
}

class Stage {
  readonly cache = new SharedCache<unknown>({ maxBytes: '1mb', shards: 1 })
  readonly key: string
  readonly #fillers: OwnLoad[]

  constructor(isLeased: boolean) {
    const { key, loads } = isLeased ? { key: 'key', loads: [] } : exhaustLeases(this.cache)
    this.key = key
    this.#fillers = loads
  }

  begin(before: unknown): OwnLoad {
    if (before !== undefined) this.cache.set(this.key, before, TAGS)
    const load = new OwnLoad(this.cache, this.key, { forceFresh: before !== undefined })
    expect(load.loaderCalls).toBe(1)
    return load
  }

  async end(): Promise<void> {
    for (const load of this.#fillers) load.finish(undefined)
    await Promise.all(this.#fillers.map(({ result }) => result))
    expectSoundAndIdle(this.cache)
  }
}

describe.each([
  { how: 'under a lease', isLeased: true },
  { how: 'without a lease', isLeased: false },
])('a value being loaded $how', ({ isLeased }) => {
  test.each(WRITES)('is not stored where another thread $what', async ({ before, after, act }) => {
    const stage = new Stage(isLeased)
    const { cache, key } = stage
    const remote = await RemoteThread.start(cache)
    const old = stage.begin(before)
    await act(remote, key)
    old.finish('old')
    expect(await old.result).toBe('old')
    expect(cache.get(key)).toEqual(after)
    expect(await remote.call('get', key)).toEqual(after)
    await stage.end()
  })

  test.each(WRITES)(
    'goes to nobody who asks after another thread $what',
    async ({ before, after, act }) => {
      const stage = new Stage(isLeased)
      const { cache, key } = stage
      const [writer, third] = await Promise.all([1, 2].map(() => RemoteThread.start(cache)))
      const old = stage.begin(before)
      await act(writer, key)
      const own = new OwnLoad(cache, key)
      const theirs = [writer, third].map((thread) => thread.load(key, TAGS))
      await Promise.all(theirs.map(({ begun }) => begun))
      old.finish('old')
      expect(await old.result).toBe('old')
      if (after === undefined) {
        expect(own.loaderCalls).toBe(1)
        own.finish('new')
        // Without a lease nobody knows of the load here, and each thread has to do its own.
        for (const load of theirs) void load.loading.then(() => load.finish('new'))
      }
      const expected = after ?? 'new'
      expect(await own.result).toEqual(expected)
      for (const load of theirs) {
        expect(await load.result).toEqual(expected)
        if (isLeased) expect(load.loaderCalls).toBe(0)
      }
      expect(cache.get(key)).toEqual(expected)
      await stage.end()
    },
  )

  test('goes to the cache where nobody wrote, and stays there whatever the others do', async () => {
    const stage = new Stage(isLeased)
    const { cache, key } = stage
    const remote = await RemoteThread.start(cache)
    const old = stage.begin(undefined)
    await remote.call('get', key)
    await remote.call('has', key)
    await remote.call('set', 'another', 1)
    await remote.call('delete', 'another')
    old.finish('loaded')
    await old.result
    expect(await remote.call('get', key)).toBe('loaded')
    await stage.end()
  })
})

describe('with forceFresh', () => {
  test('a load takes the place of the one in another thread, whose result is not stored', async () => {
    const cache = new SharedCache<unknown>({ maxBytes: '64mb' })
    const remote = await RemoteThread.start(cache)
    const old = remote.load('key')
    await old.loading
    const fresh = new OwnLoad(cache, 'key', { forceFresh: true })
    expect(fresh.loaderCalls).toBe(1)
    old.finish('old')
    expect(await old.result).toBe('old')
    expect(cache.get('key')).toBeUndefined()
    fresh.finish('fresh')
    expect(await fresh.result).toBe('fresh')
    expect(await remote.call('get', 'key')).toBe('fresh')
    expectSoundAndIdle(cache)
  })

  test('a load is what those wait for who come after it, in any thread', async () => {
    const cache = new SharedCache<unknown>({ maxBytes: '64mb' })
    const [remote, third] = await Promise.all([1, 2].map(() => RemoteThread.start(cache)))
    const old = remote.load('key')
    await old.loading
    const fresh = new OwnLoad(cache, 'key', { forceFresh: true })
    const later = [remote.load('key'), third.load('key')]
    await Promise.all(later.map(({ begun }) => begun))
    old.finish('old')
    await old.result
    fresh.finish('fresh')
    expect(await Promise.all(later.map(({ result }) => result))).toEqual(['fresh', 'fresh'])
    expect(later.map(({ loaderCalls }) => loaderCalls)).toEqual([0, 0])
    expectSoundAndIdle(cache)
  })
})
