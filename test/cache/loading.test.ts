/**
 * getOrSet over a small cache of its own: a Map with an injected clock, whose claims are void after
 * any write of the key. Loads are ended by hand, timers are faked, so every interleaving here is
 * chosen, not raced for. Vitest fails the run on any unhandled rejection: that none occurs is part
 * of every test below.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { CacheClosedError, InvalidOptionError, LoaderTimeoutError } from '../../src/cache/errors.js'
import type { LoadClaim } from '../../src/cache/loading/claim.js'
import {
  type GetOrSetOptions,
  type LoadedEntry,
  type LoaderContext,
  Loads,
  type LoadTarget,
  type StoreOptions,
} from '../../src/cache/loading.js'

interface Entry<V> {
  value: V
  createdAt: number
  expiresAt: number
  staleMs: number
}

/** Current until the key is written; as if no other thread loaded anything. */
class VersionClaim implements LoadClaim {
  readonly elsewhere: Promise<void> | undefined
  ends = 0
  readonly #isCurrent: () => boolean

  constructor(isCurrent: () => boolean, elsewhere?: Promise<void>) {
    this.#isCurrent = isCurrent
    this.elsewhere = elsewhere
  }

  isCurrent(): boolean {
    return this.#isCurrent()
  }

  end(): void {
    this.ends++
  }
}

class MapTarget<V> implements LoadTarget<V> {
  readonly loads = new Loads<V>(this, 'users')
  readonly entries = new Map<string, Entry<V>>()
  readonly stored: { key: string; value: V; options: StoreOptions }[] = []
  readonly errors: { key: string; error: unknown }[] = []
  lookups = 0
  clockReads = 0
  nowMs = 1000
  refusesAll = false
  #version = 0
  readonly #versions = new Map<string, number>()
  readonly #found: LoadedEntry<V | undefined> = {
    value: undefined,
    state: 'fresh',
    createdAt: 0,
    expiresAt: 0,
  }

  lookup(key: string): LoadedEntry<V> | undefined {
    this.lookups++
    // Why: a getOrSet that kept what an earlier lookup returned would see it overwritten.
    Object.assign(this.#found, { value: undefined, state: 'stale', createdAt: -1, expiresAt: -1 })
    const entry = this.entries.get(key)
    if (entry === undefined || this.nowMs >= entry.expiresAt + entry.staleMs) return undefined
    const state = this.nowMs < entry.expiresAt ? 'fresh' : 'stale'
    return Object.assign(this.#found, entry, { state } as const)
  }

  beginLoad(key: string): VersionClaim {
    const version = this.#versions.get(key)
    return new VersionClaim(() => this.#versions.get(key) === version)
  }

  store(key: string, value: V, options: StoreOptions, claim: LoadClaim): boolean {
    if (this.refusesAll || !claim.isCurrent()) return false
    this.stored.push({ key, value, options })
    this.write(key, value, options.ttl as number | undefined, options.staleMs)
    return true
  }

  now(): number {
    this.clockReads++
    return this.nowMs
  }

  onError(error: unknown, key: string): void {
    this.errors.push({ key, error })
  }

  set(key: string, value: V, ttlMs?: number, staleMs?: number): void {
    this.write(key, value, ttlMs, staleMs)
    this.loads.forget(key)
  }

  delete(key: string): void {
    this.entries.delete(key)
    this.#versions.set(key, ++this.#version)
    this.loads.forget(key)
  }

  clear(): void {
    for (const key of this.entries.keys()) this.delete(key)
    this.loads.forgetAll()
  }

  private write(key: string, value: V, ttlMs = Number.POSITIVE_INFINITY, staleMs = 0): void {
    const { nowMs } = this
    this.entries.set(key, { value, createdAt: nowMs, expiresAt: nowMs + ttlMs, staleMs })
    this.#versions.set(key, ++this.#version)
  }
}

/** A loader whose calls are ended by hand. */
class ManualLoader<V> {
  readonly calls: {
    context: LoaderContext
    resolve: (value: V) => void
    reject: (error: unknown) => void
  }[] = []

  readonly load = (context: LoaderContext): Promise<V> =>
    new Promise((resolve, reject) => {
      this.calls.push({ context, resolve, reject })
    })
}

const TIMEOUT_ERROR = expect.any(LoaderTimeoutError)

let target: MapTarget<string>
let loads: Loads<string>
let loader: ManualLoader<string>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  target = new MapTarget()
  loads = target.loads
  loader = new ManualLoader()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  expect(loads.size).toBe(0)
  vi.useRealTimers()
})

function getOrSet(options?: GetOrSetOptions): Promise<string> {
  return loads.getOrSet('key', loader.load, options)
}

describe('a hit', () => {
  it('returns the value without calling the loader, reading the clock or starting a load', async () => {
    target.set('key', 'cached', 100)
    await expect(getOrSet()).resolves.toBe('cached')
    await expect(getOrSet({ ttl: 5, staleWhileRevalidate: '1s' })).resolves.toBe('cached')
    expect(loader.calls).toHaveLength(0)
    expect(target.lookups).toBe(2)
    expect(target.clockReads).toBe(0)
  })

  it('rejects a caller whose signal has already aborted', async () => {
    target.set('key', 'cached')
    const reason = new Error('gone')
    await expect(getOrSet({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('a miss', () => {
  it('stores what the loader returns, with the options given', async () => {
    const value = getOrSet({ ttl: 50, tags: ['a'], priority: 3, sliding: true })
    loader.calls[0].resolve('loaded')
    await expect(value).resolves.toBe('loaded')
    expect(loader.calls[0].context.key).toBe('key')
    expect(target.stored).toEqual([
      {
        key: 'key',
        value: 'loaded',
        options: { ttl: 50, tags: ['a'], priority: 3, sliding: true, staleMs: 0 },
      },
    ])
    await expect(getOrSet()).resolves.toBe('loaded')
    expect(loader.calls).toHaveLength(1)
  })

  it('keeps the entry for the longer of the two stale periods', async () => {
    const value = getOrSet({ staleWhileRevalidate: '2s', staleIfError: '1m' })
    loader.calls[0].resolve('loaded')
    await value
    expect(target.stored[0].options.staleMs).toBe(60_000)
  })

  it('takes synchronous loaders and foreign thenables', async () => {
    await expect(loads.getOrSet('a', () => 'plain')).resolves.toBe('plain')
    expect(target.entries.get('a')?.value).toBe('plain')
    const thenable: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then: (resolve) => Promise.resolve('foreign').then(resolve),
    }
    await expect(loads.getOrSet('b', () => thenable)).resolves.toBe('foreign')
  })

  it('hands on undefined and stores nothing', async () => {
    await expect(loads.getOrSet('key', () => undefined)).resolves.toBeUndefined()
    await expect(loads.getOrSet('key', async () => undefined)).resolves.toBeUndefined()
    expect(target.stored).toHaveLength(0)
  })

  it('returns a value that the cache refuses', async () => {
    target.refusesAll = true
    await expect(loads.getOrSet('key', () => 'large')).resolves.toBe('large')
  })

  it('rejects with what store throws', async () => {
    const error = new Error('cannot be encoded')
    vi.spyOn(target, 'store').mockImplementation(() => {
      throw error
    })
    await expect(loads.getOrSet('key', async () => 'value')).rejects.toBe(error)
    await expect(loads.getOrSet('key', () => 'value')).rejects.toBe(error)
  })

  it('rejects, never throws, for a key or options that are wrong', async () => {
    const error = new Error('no key')
    vi.spyOn(target, 'lookup').mockImplementationOnce(() => {
      throw error
    })
    await expect(getOrSet()).rejects.toBe(error)
    const wrong = [
      { ttl: 'soon' },
      { tags: [''] },
      { priority: 256 },
      { sliding: 1 as unknown as boolean },
      { timeout: 'soon' },
      { timeout: 0 },
      { staleIfError: -1 },
      { staleWhileRevalidate: Number.NaN },
      { refreshAhead: 1.5 },
      { refreshAhead: '0.5' as unknown as number },
      { signal: {} as AbortSignal },
    ]
    for (const options of wrong) {
      await expect(getOrSet(options)).rejects.toBeInstanceOf(InvalidOptionError)
    }
    expect(loader.calls).toHaveLength(0)
  })

  it('is typed by what the loader can return', () => {
    const objects = new Loads<{ id: number }>({} as LoadTarget<{ id: number }>)
    const always = () => objects.getOrSet('a', () => ({ id: 1 }))
    const maybe = () =>
      objects.getOrSet('a', async (): Promise<{ id: number } | undefined> => undefined)
    expectTypeOf(always).returns.resolves.toEqualTypeOf<{ id: number }>()
    expectTypeOf(maybe).returns.resolves.toEqualTypeOf<{ id: number } | undefined>()
  })
})

describe('several callers of one key', () => {
  it('share one load and its value', async () => {
    const values = [getOrSet(), getOrSet({ timeout: 10 }), getOrSet()]
    expect(loads.size).toBe(1)
    loader.calls[0].resolve('loaded')
    await expect(Promise.all(values)).resolves.toEqual(['loaded', 'loaded', 'loaded'])
    expect(loader.calls).toHaveLength(1)
    expect(target.stored).toHaveLength(1)
  })

  it('load different keys apart', async () => {
    const values = [loads.getOrSet('a', loader.load), loads.getOrSet('b', loader.load)]
    loader.calls[1].resolve('B')
    loader.calls[0].resolve('A')
    await expect(Promise.all(values)).resolves.toEqual(['A', 'B'])
  })

  it('share its error, which is not remembered', async () => {
    const error = new Error('down')
    const failing = Promise.allSettled([getOrSet(), getOrSet()])
    loader.calls[0].reject(error)
    expect(await failing).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
    expect(target.errors).toEqual([])
    const value = getOrSet()
    loader.calls[1].resolve('again')
    await expect(value).resolves.toBe('again')
  })

  it('share the error of a loader that throws at once', async () => {
    const error = new Error('at once')
    const failing = (): string => {
      throw error
    }
    await expect(loads.getOrSet('key', failing)).rejects.toBe(error)
  })
})

describe('a write during a load', () => {
  it.each([
    ['delete', () => target.delete('key')],
    ['set', () => target.set('key', 'written')],
    ['clear', () => target.clear()],
  ])('voids its storing but not its value, on %s', async (name, write) => {
    if (name === 'clear') target.set('other', 'present')
    const value = getOrSet()
    write()
    loader.calls[0].resolve('old')
    await expect(value).resolves.toBe('old')
    expect(target.stored).toHaveLength(0)
  })

  it('makes later callers load anew, and only their value is stored', async () => {
    const before = getOrSet()
    target.delete('key')
    const after = getOrSet()
    expect(loader.calls).toHaveLength(2)
    loader.calls[1].resolve('new')
    await expect(after).resolves.toBe('new')
    loader.calls[0].resolve('old')
    await expect(before).resolves.toBe('old')
    expect(target.entries.get('key')?.value).toBe('new')
  })

  it('voids only the keys that are affected when only some are', async () => {
    const values = ['user:1', 'post:1'].map((key) => loads.getOrSet(key, loader.load))
    loads.forgetWhere((key) => key.startsWith('user:'))
    for (const call of loader.calls) call.resolve(call.context.key)
    await Promise.all(values)
    expect(target.stored.map(({ key }) => key)).toEqual(['post:1'])
  })
})

describe('forceFresh', () => {
  it('loads although there is a value, and joins no older load', async () => {
    target.set('key', 'cached')
    const first = getOrSet({ forceFresh: true })
    const second = getOrSet({ forceFresh: true })
    expect(loader.calls).toHaveLength(2)
    loader.calls[1].resolve('second')
    await expect(second).resolves.toBe('second')
    loader.calls[0].resolve('first')
    await expect(first).resolves.toBe('first')
    expect(target.entries.get('key')?.value).toBe('second')
  })

  it('is stored although an older load ends in between', async () => {
    const older = getOrSet()
    const newer = getOrSet({ forceFresh: true })
    loader.calls[0].resolve('older')
    await older
    loader.calls[1].resolve('newer')
    await newer
    expect(target.entries.get('key')?.value).toBe('newer')
  })

  it('is joined by later callers', async () => {
    const older = getOrSet()
    const newer = getOrSet({ forceFresh: true })
    const later = getOrSet()
    expect(loader.calls).toHaveLength(2)
    loader.calls[0].resolve('older')
    loader.calls[1].resolve('newer')
    await expect(Promise.all([older, newer, later])).resolves.toEqual(['older', 'newer', 'newer'])
  })
})

describe('an abort signal', () => {
  it('rejects its caller with the reason; the others get the value', async () => {
    const controller = new AbortController()
    const reason = new Error('closed tab')
    const leaving = getOrSet({ signal: controller.signal })
    const staying = getOrSet()
    controller.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    expect(loader.calls[0].context.signal.aborted).toBe(false)
    loader.calls[0].resolve('loaded')
    await expect(staying).resolves.toBe('loaded')
  })

  it('aborts the loader when the last caller has gone, and its value is not stored', async () => {
    const controllers = [new AbortController(), new AbortController()]
    const leaving = Promise.allSettled(controllers.map(({ signal }) => getOrSet({ signal })))
    const { signal } = loader.calls[0].context
    controllers[0].abort()
    expect(signal.aborted).toBe(false)
    controllers[1].abort('last')
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toBe('last')
    await leaving
    loader.calls[0].resolve('too late')
    await nextTurn()
    expect(target.stored).toHaveLength(0)
  })

  it('lets a new caller start anew after the last one has gone, whatever the old loader does', async () => {
    const controller = new AbortController()
    const leaving = getOrSet({ signal: controller.signal })
    controller.abort()
    await expect(leaving).rejects.toThrow()
    const value = getOrSet()
    expect(loader.calls).toHaveLength(2)
    loader.calls[0].reject(new Error('aborted, as asked'))
    await nextTurn()
    loader.calls[1].resolve('new')
    await expect(value).resolves.toBe('new')
    expect(target.errors).toEqual([])
  })

  it('is aborted for a loader that looks at it only afterwards', async () => {
    const controller = new AbortController()
    let context: LoaderContext | undefined
    const leaving = loads.getOrSet(
      'key',
      (given) => {
        context = { ...given, key: given.key }
        controller.abort('early')
        return new Promise<string>(() => {})
      },
      { signal: controller.signal },
    )
    await expect(leaving).rejects.toBe('early')
    expect(context?.signal.aborted).toBe(true)

    const other = new AbortController()
    let late: LoaderContext | undefined
    const alsoLeaving = loads.getOrSet(
      'key',
      (given) => {
        late = given
        return new Promise<string>(() => {})
      },
      { signal: other.signal },
    )
    other.abort('before it looked')
    await expect(alsoLeaving).rejects.toBe('before it looked')
    expect(late?.signal.reason).toBe('before it looked')
  })

  it('rejects all callers that share it, of all their loads', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const keys = ['a', 'a', 'b', 'c']
    const leaving = keys.map((key) => loads.getOrSet(key, loader.load, { signal }))
    const reason = new Error('request closed')
    const settled = Promise.allSettled(leaving)
    controller.abort(reason)
    expect(await settled).toEqual(keys.map(() => ({ status: 'rejected', reason })))
    expect(loader.calls.map(({ context }) => context.signal.aborted)).toEqual([true, true, true])
  })

  it('keeps no listener once the load has ended, and warns of none', async () => {
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const values = Array.from({ length: 50 }, () => getOrSet({ signal }))
    loader.calls[0].resolve('loaded')
    await Promise.all(values)
    expect(added).toHaveBeenCalledTimes(1)
    expect(removed).toHaveBeenCalledTimes(1)
    await nextTurn()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

describe('a timeout', () => {
  it('rejects its caller only; the others wait on', async () => {
    const hasty = getOrSet({ timeout: '50ms' })
    const patient = getOrSet()
    const rejected = expect(hasty).rejects.toMatchObject({
      code: 'ERR_HOTSET_LOADER_TIMEOUT',
      key: 'key',
      timeoutMs: 50,
    })
    vi.advanceTimersByTime(49)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1)
    await rejected
    expect(loader.calls[0].context.signal.aborted).toBe(false)
    loader.calls[0].resolve('loaded')
    await expect(patient).resolves.toBe('loaded')
  })

  it('aborts the loader when nobody is left', async () => {
    const rejected = expect(getOrSet({ timeout: 50 })).rejects.toEqual(TIMEOUT_ERROR)
    vi.advanceTimersByTime(50)
    await rejected
    expect(loader.calls[0].context.signal.reason).toEqual(TIMEOUT_ERROR)
  })

  it('is as long as a timer can be, where it is longer', async () => {
    const value = getOrSet({ timeout: '60d' })
    vi.advanceTimersByTime(2 ** 31 - 2)
    loader.calls[0].resolve('at last')
    await expect(value).resolves.toBe('at last')
  })

  it('does not keep the process alive', async () => {
    vi.useRealTimers()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const value = getOrSet({ timeout: '1h' })
    expect((timers.mock.results[0].value as NodeJS.Timeout).hasRef()).toBe(false)
    loader.calls[0].resolve('loaded')
    await value
    timers.mockRestore()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
})

describe('staleWhileRevalidate', () => {
  const OPTIONS: GetOrSetOptions = { ttl: 100, staleWhileRevalidate: 1000 }

  beforeEach(() => {
    target.set('key', 'old', 100, 1000)
    target.nowMs += 100
  })

  it('returns the stale value at once, and one background load replaces it', async () => {
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    expect(loader.calls).toHaveLength(1)
    loader.calls[0].resolve('new')
    await nextTurn()
    await expect(getOrSet(OPTIONS)).resolves.toBe('new')
    expect(target.stored[0].options).toMatchObject({ ttl: 100, staleMs: 1000 })
  })

  it('waits for the load where the stale period is over, or the caller gave none', async () => {
    const waiting = [getOrSet()]
    target.nowMs += 999
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    waiting.push(getOrSet({ staleWhileRevalidate: 999 }))
    target.nowMs += 1
    waiting.push(getOrSet(OPTIONS))
    expect(loader.calls).toHaveLength(1)
    loader.calls[0].resolve('new')
    await expect(Promise.all(waiting)).resolves.toEqual(['new', 'new', 'new'])
  })

  it('reports a failed background load, keeps the value and tries again', async () => {
    await getOrSet(OPTIONS)
    const error = new Error('down')
    loader.calls[0].reject(error)
    await nextTurn()
    expect(target.errors).toEqual([{ key: 'key', error }])
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    expect(loader.calls).toHaveLength(2)
    loader.calls[1].resolve('new')
    await nextTurn()
    expect(target.entries.get('key')?.value).toBe('new')
  })

  it('survives an onError that throws', async () => {
    vi.spyOn(target, 'onError').mockImplementation(() => {
      throw new Error('in onError')
    })
    await getOrSet(OPTIONS)
    loader.calls[0].reject(new Error('down'))
    await nextTurn()
    expect(target.onError).toHaveBeenCalledTimes(1)
  })

  it('goes on in the background whoever joins and leaves', async () => {
    await getOrSet(OPTIONS)
    const controller = new AbortController()
    const joining = getOrSet({ signal: controller.signal })
    controller.abort('left')
    await expect(joining).rejects.toBe('left')
    expect(loader.calls[0].context.signal.aborted).toBe(false)
    loader.calls[0].resolve('new')
    await nextTurn()
    expect(target.entries.get('key')?.value).toBe('new')
  })

  it('gives up a background load after the timeout, so that a hung loader blocks nothing', async () => {
    await getOrSet({ ...OPTIONS, timeout: 50 })
    vi.advanceTimersByTime(50)
    expect(loader.calls[0].context.signal.aborted).toBe(true)
    expect(target.errors).toEqual([{ key: 'key', error: TIMEOUT_ERROR }])
    await getOrSet(OPTIONS)
    expect(loader.calls).toHaveLength(2)
    loader.calls[1].resolve('new')
    await nextTurn()
  })

  it('does not bring back a value that was deleted meanwhile', async () => {
    await getOrSet(OPTIONS)
    target.delete('key')
    loader.calls[0].resolve('new')
    await nextTurn()
    expect(target.entries.has('key')).toBe(false)
  })
})

describe('staleIfError', () => {
  const OPTIONS: GetOrSetOptions = { ttl: 100, staleIfError: 1000 }
  const ERROR = new Error('down')

  beforeEach(() => {
    target.set('key', 'old', 100, 1000)
    target.nowMs += 100
  })

  it('returns the stale value where the load fails, and reports the error once', async () => {
    const served = [getOrSet(OPTIONS), getOrSet(OPTIONS)]
    const strict = expect(getOrSet()).rejects.toBe(ERROR)
    loader.calls[0].reject(ERROR)
    await expect(Promise.all(served)).resolves.toEqual(['old', 'old'])
    await strict
    expect(target.errors).toEqual([{ key: 'key', error: ERROR }])
  })

  it('prefers the fresh value', async () => {
    const value = getOrSet(OPTIONS)
    loader.calls[0].resolve('new')
    await expect(value).resolves.toBe('new')
  })

  it('rejects where the stale period ends before the load does', async () => {
    const value = getOrSet(OPTIONS)
    target.nowMs += 1000
    loader.calls[0].reject(ERROR)
    await expect(value).rejects.toBe(ERROR)
    expect(target.errors).toEqual([])
  })

  it('rejects a caller whose own stale period is shorter', async () => {
    target.nowMs += 10
    const value = getOrSet({ staleIfError: 10 })
    loader.calls[0].reject(ERROR)
    await expect(value).rejects.toBe(ERROR)
  })

  it('does not return a value that was deleted during the load', async () => {
    const value = getOrSet(OPTIONS)
    target.delete('key')
    loader.calls[0].reject(ERROR)
    await expect(value).rejects.toBe(ERROR)
  })

  it('returns a value that was set during the load', async () => {
    const value = getOrSet(OPTIONS)
    target.set('key', 'written')
    loader.calls[0].reject(ERROR)
    await expect(value).resolves.toBe('written')
  })

  it('returns the stale value to a caller whose load is late', async () => {
    const value = getOrSet({ ...OPTIONS, timeout: 50 })
    vi.advanceTimersByTime(50)
    await expect(value).resolves.toBe('old')
    expect(target.errors).toEqual([{ key: 'key', error: TIMEOUT_ERROR }])
    expect(loader.calls[0].context.signal.aborted).toBe(true)
  })

  it('does not hide that the caller itself has aborted', async () => {
    const controller = new AbortController()
    const value = getOrSet({ ...OPTIONS, signal: controller.signal })
    controller.abort('left')
    await expect(value).rejects.toBe('left')
  })

  it('rejects with the load error where the cache cannot be asked for a stale value', async () => {
    const value = getOrSet(OPTIONS)
    vi.spyOn(target, 'lookup').mockImplementation(() => {
      throw new Error('broken cache')
    })
    loader.calls[0].reject(ERROR)
    await expect(value).rejects.toBe(ERROR)
  })
})

describe('refreshAhead', () => {
  const OPTIONS: GetOrSetOptions = { ttl: 100, refreshAhead: 0.8 }

  it('reloads in the background on a hit late in the lifetime, once at a time', async () => {
    target.set('key', 'old', 100)
    target.nowMs += 79
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    expect(loader.calls).toHaveLength(0)
    target.nowMs += 1
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    await expect(getOrSet(OPTIONS)).resolves.toBe('old')
    expect(loader.calls).toHaveLength(1)
    loader.calls[0].resolve('new')
    await nextTurn()
    await expect(getOrSet(OPTIONS)).resolves.toBe('new')
    expect(loader.calls).toHaveLength(1)
  })

  it('never reloads an entry without expiry, even at a share of 0', async () => {
    target.set('key', 'old')
    await getOrSet({ refreshAhead: 0 })
    expect(loader.calls).toHaveLength(0)
  })

  it('returns the value that was there before a synchronous loader replaced it', async () => {
    target.set('key', 'old', 100)
    const value = loads.getOrSet('key', () => 'new', { refreshAhead: 0, ttl: 100 })
    await expect(value).resolves.toBe('old')
    expect(target.entries.get('key')?.value).toBe('new')
  })

  it('lets those who miss after the expiry join the background load', async () => {
    target.set('key', 'old', 100)
    target.nowMs += 90
    await getOrSet(OPTIONS)
    target.nowMs += 10
    const value = getOrSet(OPTIONS)
    expect(loader.calls).toHaveLength(1)
    loader.calls[0].resolve('new')
    await expect(value).resolves.toBe('new')
  })
})

describe('close', () => {
  it('aborts all loads and rejects all callers, those of forgotten loads too', async () => {
    const forgotten = getOrSet({ staleIfError: '1h', timeout: '1m' })
    target.delete('key')
    const current = getOrSet({ signal: new AbortController().signal })
    const other = loads.getOrSet('other', loader.load)
    const settled = Promise.allSettled([forgotten, current, other])
    const signals = loader.calls.map(({ context }) => context.signal)
    loads.close()
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { cache: 'users' } })
    }
    for (const signal of signals) expect(signal.reason).toBeInstanceOf(CacheClosedError)
    await expect(getOrSet()).rejects.toBeInstanceOf(CacheClosedError)
    for (const call of loader.calls) call.resolve('too late')
    await nextTurn()
    expect(target.stored).toEqual([])
  })

  it('ends background loads without a report', async () => {
    target.set('key', 'old', 100)
    await getOrSet({ refreshAhead: 0, timeout: '1m' })
    const { signal } = loader.calls[0].context
    loads.close('the engine failed')
    loads.close()
    expect(signal.reason.message).toContain('the engine failed')
    loader.calls[0].reject(new Error('aborted'))
    await nextTurn()
    expect(target.errors).toEqual([])
  })
})

describe('random interleavings', () => {
  type Step =
    | { type: 'call'; key: string; options: GetOrSetOptions; isAbortable: boolean }
    | { type: 'end'; pick: number; outcome: 'value' | 'error' | 'nothing' }
    | { type: 'abort'; pick: number }
    | { type: 'advance'; ms: number }
    | { type: 'write'; key: string; kind: 'set' | 'delete' | 'clear' }

  const key = fc.constantFrom('a', 'b')
  const options = fc.record<GetOrSetOptions>(
    {
      ttl: fc.constantFrom(20, 60),
      timeout: fc.constantFrom(10, 50),
      staleIfError: fc.constantFrom(15, 40),
      staleWhileRevalidate: fc.constantFrom(15, 40),
      refreshAhead: fc.constantFrom(0, 0.5),
      forceFresh: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const step = fc.oneof<fc.WeightedArbitrary<Step>[]>(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('call' as const),
        key,
        options,
        isAbortable: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('end' as const),
        pick: fc.nat(20),
        outcome: fc.constantFrom('value', 'value', 'error', 'nothing'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('abort' as const), pick: fc.nat(20) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.nat(30) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('write' as const),
        key,
        kind: fc.constantFrom('set', 'set', 'delete', 'delete', 'clear'),
      }),
    },
  )

  /** A value says when it came to be: at the start of its load, or at its set. */
  interface Stamped {
    key: string
    madeAt: number
  }

  it('never return or store what is older than the last write, and settle every caller', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const cache = new MapTarget<Stamped>()
        const lastWrites = new Map<string, number>()
        const calls: { settled: boolean; promise: Promise<void> }[] = []
        const problems: Error[] = []
        const controllers: AbortController[] = []
        const running: { key: string; madeAt: number; end: (outcome: string) => void }[] = []
        let sequence = 0

        const load = ({ key: loadedKey, signal }: LoaderContext): Promise<Stamped | undefined> =>
          new Promise((resolve, reject) => {
            const madeAt = ++sequence
            // Joinable loads of a key are never two: the older one was written over or forced past.
            running.push({
              key: loadedKey,
              madeAt,
              end(outcome) {
                if (outcome === 'value') resolve({ key: loadedKey, madeAt })
                else if (outcome === 'nothing') resolve(undefined)
                else reject(new Error('load failed'))
              },
            })
            signal.addEventListener('abort', () => reject(signal.reason))
          })

        const call = (step: Step & { type: 'call' }): void => {
          const calledAfter = lastWrites.get(step.key) ?? 0
          const controller = new AbortController()
          if (step.isAbortable) controllers.push(controller)
          const signal = step.isAbortable ? controller.signal : undefined
          const started = sequence
          const entry = cache.lookup(step.key)?.state
          const record = {
            settled: false,
            promise: cache.loads
              .getOrSet(step.key, load, { ...step.options, signal })
              .then((value) => {
                if (value === undefined) return
                expect(value.key).toBe(step.key)
                expect(value.madeAt).toBeGreaterThanOrEqual(calledAfter)
                if (step.options.forceFresh && step.options.staleIfError === undefined) {
                  expect(value.madeAt).toBe(started + 1)
                }
              })
              .catch((error) => {
                if (error instanceof Error && error.name === 'AssertionError') problems.push(error)
              })
              .finally(() => {
                record.settled = true
              }),
          }
          calls.push(record)
          const loadsStarted = sequence - started
          if (step.options.forceFresh) expect(loadsStarted).toBe(1)
          else if (entry === 'fresh' && step.options.refreshAhead === undefined)
            expect(loadsStarted).toBe(0)
          else expect(loadsStarted).toBeLessThanOrEqual(1)
        }

        for (const someStep of steps) {
          if (someStep.type === 'call') call(someStep)
          else if (someStep.type === 'end' && running.length > 0) {
            running.splice(someStep.pick % running.length, 1)[0].end(someStep.outcome)
          } else if (someStep.type === 'abort' && controllers.length > 0) {
            controllers[someStep.pick % controllers.length].abort()
          } else if (someStep.type === 'advance') {
            cache.nowMs += someStep.ms
            vi.advanceTimersByTime(someStep.ms)
          } else if (someStep.type === 'write') {
            sequence++
            const keys = someStep.kind === 'clear' ? ['a', 'b'] : [someStep.key]
            for (const writtenKey of keys) lastWrites.set(writtenKey, sequence)
            if (someStep.kind === 'clear') for (const writtenKey of keys) cache.delete(writtenKey)
            else if (someStep.kind === 'delete') cache.delete(someStep.key)
            else cache.set(someStep.key, { key: someStep.key, madeAt: sequence }, 50, 30)
          }
          await nextTurn()
          for (const [storedKey, entry] of cache.entries) {
            expect(entry.value.madeAt).toBeGreaterThanOrEqual(lastWrites.get(storedKey) ?? 0)
          }
        }
        cache.loads.close()
        await Promise.all(calls.map(({ promise }) => promise))
        expect(problems).toEqual([])
        expect(calls.every(({ settled }) => settled)).toBe(true)
        expect(cache.loads.size).toBe(0)
        expect(vi.getTimerCount()).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})
