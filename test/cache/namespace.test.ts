/**
 * Namespaces over a host that is a Map of whole keys, so that every test can look at what really
 * went in. The host checks keys as a cache does, and counts the values that it was asked for.
 */
import fc from 'fast-check'
import { beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { InvalidKeyError, InvalidOptionError } from '../../src/cache/errors.js'
import { compilePattern } from '../../src/cache/key-pattern.js'
import { type GetOrSetOptions, type Loader, Loads } from '../../src/cache/loading.js'
import { CacheNamespace, type NamespaceHost } from '../../src/cache/namespace.js'
import type { SetOptions } from '../../src/cache/options.js'
import type { Duration } from '../../src/cache/units.js'

type Value = string | number

interface Info {
  version: number
  ttl: Duration | undefined
  tags: readonly string[]
}

class MapHost implements NamespaceHost<Value, Info> {
  readonly entriesByKey = new Map<string, { value: Value; info: Info }>()
  readonly loads = new Loads<Value>({
    lookup: (key) => {
      const value = this.get(key)
      return value === undefined
        ? undefined
        : { value, state: 'fresh', createdAt: 0, expiresAt: Number.POSITIVE_INFINITY }
    },
    beginLoad: () => ({ elsewhere: undefined, isCurrent: () => true, end() {} }),
    store: (key, value, options) => this.set(key, value, options),
    now: () => 0,
    onError: () => {},
  })
  peeks = 0
  #version = 0

  get(key: string): Value | undefined {
    if (typeof key !== 'string') throw new InvalidKeyError(key, 'strings')
    return this.entriesByKey.get(key)?.value
  }

  peek(key: string): Value | undefined {
    this.peeks++
    return this.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  set(key: string, value: Value, options: SetOptions = {}): boolean {
    const info = { version: ++this.#version, ttl: options.ttl, tags: options.tags ?? [] }
    this.entriesByKey.set(key, { value, info })
    return true
  }

  add(key: string, value: Value, options?: SetOptions): boolean {
    return !this.has(key) && this.set(key, value, options)
  }

  delete(key: string): boolean {
    return this.entriesByKey.delete(key)
  }

  take(key: string): Value | undefined {
    const value = this.get(key)
    this.delete(key)
    return value
  }

  touch(key: string, ttl?: Duration): boolean {
    const entry = this.entriesByKey.get(key)
    if (entry !== undefined) entry.info.ttl = ttl
    return entry !== undefined
  }

  increment(key: string, by = 1, options?: SetOptions): number {
    const sum = Number(this.get(key) ?? 0) + by
    this.set(key, sum, options)
    return sum
  }

  compareAndSet(key: string, version: number, value: Value, options?: SetOptions) {
    return this.info(key)?.version === version && this.set(key, value, options)
  }

  getMany(keys: Iterable<string>): (Value | undefined)[] {
    return Array.from(keys, (key) => this.get(key))
  }

  setMany(entries: Iterable<readonly [string, Value]>, options?: SetOptions): number {
    let count = 0
    for (const [key, value] of entries) if (this.set(key, value, options)) count++
    return count
  }

  hasMany(keys: Iterable<string>): boolean[] {
    return Array.from(keys, (key) => this.has(key))
  }

  deleteMany(keys: Iterable<string>): number {
    return Array.from(keys, (key) => this.delete(key)).filter(Boolean).length
  }

  getOrSet(key: string, loader: Loader<Value>, options?: GetOrSetOptions): Promise<Value>
  getOrSet(
    key: string,
    loader: Loader<Value | undefined>,
    options?: GetOrSetOptions,
  ): Promise<Value | undefined>
  getOrSet(key: string, loader: Loader<Value | undefined>, options?: GetOrSetOptions) {
    return this.loads.getOrSet(key, loader, options)
  }

  info(key: string): Info | undefined {
    return this.entriesByKey.get(key)?.info
  }

  invalidateTags(...tags: string[]): void {
    for (const tag of tags) this.deleteByTag(tag)
  }

  deleteByPrefix(prefix: string): number {
    return this.#deleteWhere((key) => key.startsWith(prefix))
  }

  deleteByPattern(glob: string): number {
    const pattern = compilePattern(glob)
    return this.#deleteWhere((key) => pattern.test(key))
  }

  deleteByTag(tag: string): number {
    return this.#deleteWhere((key) => this.info(key)?.tags.includes(tag) ?? false)
  }

  keys(): Iterable<string> {
    return this.entriesByKey.keys()
  }

  #deleteWhere(isMeant: (key: string) => boolean): number {
    return this.deleteMany([...this.entriesByKey.keys()].filter(isMeant))
  }
}

let host: MapHost
let users: CacheNamespace<Value, Info>

beforeEach(() => {
  host = new MapHost()
  host.set('outside', 'x')
  host.set('users', 'y')
  host.set('users2:1', 'z')
  users = new CacheNamespace(host, 'users')
})

describe('a namespace', () => {
  it('reads and writes keys that begin with its name and a colon', () => {
    expect(users.set('1', 'Ada', { ttl: '5m', tags: ['user'] })).toBe(true)
    expect(host.get('users:1')).toBe('Ada')
    expect(users.get('1')).toBe('Ada')
    expect(users.peek('1')).toBe('Ada')
    expect(users.has('1')).toBe(true)
    expect(users.info('1')).toMatchObject({ ttl: '5m', tags: ['user'] })
    expect(users.touch('1', '1h')).toBe(true)
    expect(users.info('1')?.ttl).toBe('1h')
    expect(users.add('1', 'Bob')).toBe(false)
    expect(users.add('', 'empty key')).toBe(true)
    expect(host.get('users:')).toBe('empty key')
    expect(users.take('1')).toBe('Ada')
    expect(users.delete('1')).toBe(false)
    expect(users.delete('')).toBe(true)
  })

  it('increments, and compares before it sets', () => {
    expect(users.increment('visits')).toBe(1)
    expect(users.increment('visits', 4, { ttl: 9 })).toBe(5)
    const { version } = users.info('visits') as Info
    expect(users.compareAndSet('visits', version - 1, 7)).toBe(false)
    expect(users.compareAndSet('visits', version, 7)).toBe(true)
    expect(host.get('users:visits')).toBe(7)
  })

  it('takes many keys at once, in their order, from any iterable', () => {
    expect(
      users.setMany(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
        { tags: ['n'] },
      ),
    ).toBe(2)
    expect(users.getMany(new Set(['b', 'none', 'a']))).toEqual([2, undefined, 1])
    expect(users.hasMany(['none', 'b'])).toEqual([false, true])
    expect(users.deleteMany(['a', 'none'])).toBe(1)
    expect([...host.keys()]).toEqual(['outside', 'users', 'users2:1', 'users:b'])
    expect(host.info('users:b')?.tags).toEqual(['n'])
  })

  it('counts, lists and clears its own entries only', () => {
    users.setMany([
      ['a', 1],
      ['b:c', 2],
    ])
    expect(users.size).toBe(2)
    expect([...users.keys()]).toEqual(['a', 'b:c'])
    expect([...users.values()]).toEqual([1, 2])
    expect([...users]).toEqual([
      ['a', 1],
      ['b:c', 2],
    ])
    const seen: unknown[] = []
    users.forEach((value, key, view) => {
      seen.push([value, key, view === users])
    })
    expect(seen).toEqual([
      [1, 'a', true],
      [2, 'b:c', true],
    ])
    users.clear()
    expect(users.size).toBe(0)
    expect([...host.keys()]).toEqual(['outside', 'users', 'users2:1'])
  })

  it('reads no values but its own, and those only as far as it is iterated', () => {
    users.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    for (const key of users.keys()) {
      if (key === 'b') break
    }
    expect(host.peeks).toBe(0)
    for (const [key] of users.entries()) {
      if (key === 'b') break
    }
    expect(host.peeks).toBe(2)
  })

  it('leaves out what went away while it was iterated', () => {
    users.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    const entries = users.entries()
    entries.next()
    vi.spyOn(host, 'peek').mockReturnValueOnce(undefined)
    expect([...entries]).toEqual([['c', 3]])
  })

  it('deletes by prefix and by pattern inside only', () => {
    users.setMany([
      ['a1', 1],
      ['a2', 2],
      ['b1', 3],
    ])
    expect(users.deleteByPrefix('a')).toBe(2)
    users.set('a1', 1)
    expect(users.deleteByPattern('?1')).toBe(2)
    expect(users.deleteByPattern('*')).toBe(0)
    expect([...host.keys()]).toEqual(['outside', 'users', 'users2:1'])
  })

  it('takes its own name literally in patterns', () => {
    const odd = new CacheNamespace(host, 'us[e]rs*?\\')
    odd.set('1', 'inside')
    host.set('usersXX:1', 'outside')
    expect(odd.deleteByPattern('*')).toBe(1)
    expect(host.has('usersXX:1')).toBe(true)
  })

  it('shares tags with the whole cache', () => {
    users.set('1', 'Ada', { tags: ['t', 'u'] })
    host.set('post:1', 'text', { tags: ['t'] })
    expect(users.deleteByTag('u')).toBe(1)
    users.set('1', 'Ada', { tags: ['t'] })
    users.invalidateTags('t')
    expect([...host.keys()]).toEqual(['outside', 'users', 'users2:1'])
  })

  it('nests', () => {
    const admins = users.namespace('admins')
    expect(admins).toBeInstanceOf(CacheNamespace)
    expect(admins.prefix).toBe('users:admins:')
    admins.set('1', 'root')
    expect(host.get('users:admins:1')).toBe('root')
    expect(users.get('admins:1')).toBe('root')
    expect([...users.keys()]).toEqual(['admins:1'])
    expect(new CacheNamespace(host, 'users:admins').get('1')).toBe('root')
    users.set('2', 'Ada')
    admins.clear()
    expect([...users.keys()]).toEqual(['2'])
  })

  it('refuses a name that is empty or no string', () => {
    for (const name of ['', undefined, 7] as string[]) {
      expect(() => new CacheNamespace(host, name)).toThrow(InvalidOptionError)
      expect(() => users.namespace(name)).toThrow(InvalidOptionError)
    }
  })

  it('lets the cache refuse what is no string', async () => {
    for (const key of [7, undefined, null, {}, Symbol('key')] as unknown as string[]) {
      expect(() => users.get(key)).toThrow(InvalidKeyError)
      expect(() => users.getMany([key])).toThrow(InvalidKeyError)
      await expect(users.getOrSet(key, () => 'value')).rejects.toBeInstanceOf(InvalidKeyError)
    }
    expect(() => users.deleteByPattern(7 as unknown as string)).toThrow(InvalidOptionError)
  })
})

describe('getOrSet of a namespace', () => {
  it('loads with the short key, stores under the long one, and shares the load with the cache', async () => {
    const loader = vi.fn(async ({ key, signal }: { key: string; signal: AbortSignal }) => {
      return `${key} ${signal.aborted}`
    })
    const values = [users.getOrSet('1', loader, { ttl: 5 }), host.getOrSet('users:1', () => 'no')]
    await expect(Promise.all(values)).resolves.toEqual(['1 false', '1 false'])
    expect(loader).toHaveBeenCalledTimes(1)
    expect(host.info('users:1')?.ttl).toBe(5)
    await expect(users.getOrSet('1', loader)).resolves.toBe('1 false')
  })

  it('hands on the abort of the last caller', async () => {
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    const value = users.getOrSet(
      '1',
      (context) => {
        signal = { ...context }.signal
        return new Promise<string>(() => {})
      },
      { signal: controller.signal },
    )
    controller.abort('left')
    await expect(value).rejects.toBe('left')
    expect(signal?.reason).toBe('left')
  })

  it('is typed by what the loader can return', () => {
    const always = () => users.getOrSet('1', () => 'x')
    const maybe = () => users.getOrSet('1', async (): Promise<string | undefined> => undefined)
    expectTypeOf(always).returns.resolves.toEqualTypeOf<Value>()
    expectTypeOf(maybe).returns.resolves.toEqualTypeOf<Value | undefined>()
  })
})

describe('two namespaces of one cache', () => {
  it('behave as two Maps, whatever their keys', () => {
    const key = fc.string({ unit: fc.constantFrom(':', 'a', '*', '[', '\\', '\ud83d', '\ude00') })
    const operation = fc.record({
      isFirst: fc.boolean(),
      type: fc.constantFrom('set', 'set', 'set', 'delete', 'clear', 'prefix', 'take'),
      key,
    })
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const cache = new MapHost()
        const views = ['a', 'b'].map((name) => new CacheNamespace(cache, name))
        const models = [new Map<string, Value>(), new Map<string, Value>()]
        for (const [index, { isFirst, type, key: someKey }] of operations.entries()) {
          const view = views[isFirst ? 0 : 1]
          const model = models[isFirst ? 0 : 1]
          if (type === 'set') {
            view.set(someKey, index)
            model.set(someKey, index)
          } else if (type === 'delete') {
            expect(view.delete(someKey)).toBe(model.delete(someKey))
          } else if (type === 'take') {
            expect(view.take(someKey)).toBe(model.get(someKey))
            model.delete(someKey)
          } else if (type === 'clear') {
            view.clear()
            model.clear()
          } else {
            const meant = [...model.keys()].filter((modelKey) => modelKey.startsWith(someKey))
            expect(view.deleteByPrefix(someKey)).toBe(meant.length)
            for (const modelKey of meant) model.delete(modelKey)
          }
          for (const side of [0, 1]) {
            expect(new Map(views[side])).toEqual(models[side])
            expect(views[side].size).toBe(models[side].size)
          }
        }
      }),
    )
  })
})
