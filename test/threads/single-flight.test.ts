/** One load a key over all threads: who loads, who waits, and what becomes of those who wait. */
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { countLeases, expectSoundAndIdle } from './support/leases.js'
import { RemoteThread } from './support/remote-thread.js'
import { createControl, runWorkers } from './support/worker-threads.js'

describe('a loader that fails', () => {
  test('leaves the load to those who waited, in turn', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => RemoteThread.start(cache)))
    const loads = [first.load('key')]
    await loads[0].loading
    loads.push(second.load('key'), third.load('key'))
    await Promise.all([loads[1].begun, loads[2].begun])
    loads[0].fail('the first')
    await expect(loads[0].result).rejects.toThrow('the first')
    const next = await Promise.race([1, 2].map((at) => loads[at].loading.then(() => at)))
    const last = 3 - next
    // Why a call: it is answered after all that the thread had to do before.
    await (last === 1 ? second : third).call('get', 'key')
    expect(loads[last].loaderCalls).toBe(0)
    loads[next].finish('of the next')
    await expect(loads[next].result).resolves.toBe('of the next')
    await expect(loads[last].result).resolves.toBe('of the next')
    expect(loads.map(({ loaderCalls }) => loaderCalls)).toEqual([
      1,
      last === 1 ? 0 : 1,
      last === 2 ? 0 : 1,
    ])
    expectSoundAndIdle(cache)
  })
})

describe('a thread that waits for a load elsewhere', () => {
  test('goes on with its event loop, and gets the value by its own promise', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const remote = await RemoteThread.start(cache)
    const load = remote.load('key')
    await load.loading
    const events: string[] = []
    const waiting = cache.getOrSet('key', () => 'own').then((value) => events.push(value))
    for (let turn = 0; turn < 3; turn++) {
      await wait(1)
      events.push('timer')
    }
    load.finish('remote')
    await waiting
    expect(events).toEqual(['timer', 'timer', 'timer', 'remote'])
    expectSoundAndIdle(cache)
  })

  test('is kept alive by it, though nothing else does', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    let finish = (_value: string): void => {}
    const loading = cache.getOrSet(
      'key',
      () =>
        new Promise<string>((resolve) => {
          finish = resolve
        }),
    )
    const values = runWorkers('waiting-worker.mjs', [
      { handle: cache.handle, control: createControl() },
    ])
    await expect.poll(() => cache.has('the worker waits'), { interval: 1 }).toBe(true)
    // Why a pause: for the worker to end in, if nothing holds it.
    await wait(50)
    finish('value')
    expect(await values).toEqual(['value'])
    expect(await loading).toBe('value')
    expectSoundAndIdle(cache)
  })

  test('serves all its callers by one wait', async () => {
    const cache = new SharedCache<object>({ maxBytes: '64mb' })
    const remote = await RemoteThread.start(cache)
    const load = remote.load('key')
    await load.loading
    const callers = Array.from({ length: 10_000 }, () => cache.getOrSet('key', () => ({ own: 1 })))
    expect(countLeases(cache).held).toBe(1)
    load.finish({ remote: 1 })
    const values = await Promise.all(callers)
    expect(new Set(values).size).toBe(1)
    expect(values[0]).toEqual({ remote: 1 })
    expectSoundAndIdle(cache)
  })
})

describe('a thread that is terminated while it loads', () => {
  /** Generous: what is promised is a second. */
  const LATEST_MS = 5000

  test('is replaced by one of those who wait', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const [dying, ...others] = await Promise.all([1, 2, 3].map(() => RemoteThread.start(cache)))
    const lost = dying.load('key')
    await lost.loading
    const loads = others.map((thread) => thread.load('key'))
    await Promise.all(loads.map(({ begun }) => begun))
    await dying.terminate()
    const terminatedAt = performance.now()
    const next = await Promise.race(loads.map((load) => load.loading.then(() => load)))
    console.log(`replaced after ${(performance.now() - terminatedAt).toFixed(0)} ms`)
    expect(performance.now() - terminatedAt).toBeLessThan(LATEST_MS)
    next.finish('of a survivor')
    expect(await Promise.all(loads.map(({ result }) => result))).toEqual([
      'of a survivor',
      'of a survivor',
    ])
    expect(loads[0].loaderCalls + loads[1].loaderCalls).toBe(1)
    cache.maintain()
    expectSoundAndIdle(cache)
  })

  test('leaves no lease behind, also where nobody waited', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const dying = await RemoteThread.start(cache)
    const loads = Array.from({ length: 100 }, (_, index) => dying.load(`key ${index}`))
    await Promise.all(loads.map(({ loading }) => loading))
    expect(countLeases(cache)).toEqual({ counted: 100, held: 100 })
    await dying.terminate()
    await expect
      .poll(() => {
        cache.maintain()
        return countLeases(cache).held
      })
      .toBe(0)
    expectSoundAndIdle(cache)
  })
})
