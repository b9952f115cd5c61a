/**
 * Traps and exceptions in the engine. One that may have left something half changed closes the cache in its
 * thread, with an error that says so, and other threads recover as from its death; any other is handed on as
 * it is. The other thread is a second attachment here.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CacheClosedError, type SharedCache } from '../../src/index.js'
import { FaultEngine, Killed } from '../support/fault-engine.js'
import { errorOf, expectClosed, FailureStage, METHODS } from './support/failure-stage.js'

/** A module of one function, `trap`, that is unreachable. */
const TRAP_BYTES = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x08, 0x01, 0x04, 0x74, 0x72, 0x61, 0x70, 0x00, 0x00],
  ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
)
const { trap } = new WebAssembly.Instance(new WebAssembly.Module(TRAP_BYTES), {})
  .exports as unknown as { trap(): void }

/** At how many stores of a call it is interrupted. */
const MAX_POINTS = 60

const faults = new FaultEngine()

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an exception while a lock is held', () => {
  test.each([
    ['set', METHODS.set],
    ['set of a large value', METHODS['set of a large value']],
    ['increment', METHODS.increment],
    ['purgeExpired', METHODS.purgeExpired],
  ])('closes the cache in %s, and others recover', async (_, call) => {
    const stage = new FailureStage()
    stage.survivor.set('due', 1, { ttl: 1 })
    stage.clock.nowMs += 10
    const cause = new Error('the clock stands still')
    const fail = (): never => {
      throw cause
    }
    // Why at the second reading: purgeExpired makes its first before it has the lock.
    const failNext = (): void => {
      stage.clock.act = fail
    }
    const error = stage.betray(call === METHODS.purgeExpired ? failNext : fail, call)
    expect(error).toBeInstanceOf(CacheClosedError)
    expect(error).toMatchObject({ cause, code: 'ERR_HOTSET_CACHE_CLOSED', cache: 'cache' })
    expect(String(error)).toContain('the clock stands still')
    await expectClosed(stage.cache, cause)
    stage.expectOthersToRecover()
  })

  test('fails the loads that are under way, and they are taken over', async () => {
    const stage = new FailureStage()
    let finish = (_value: string): void => {}
    const loading = stage.cache.getOrSet('key', () => {
      return new Promise<string>((resolve) => {
        finish = resolve
      })
    })
    const waiting = stage.survivor.getOrSet('key', () => 'of the survivor')
    stage.betray(() => {
      throw new Error('the clock stands still')
    }, METHODS.set)
    await expect(loading).rejects.toThrow('its engine failed in this thread')
    expect(await waiting).toBe('of the survivor')
    finish('too late')
    stage.expectOthersToRecover()
  })

  test('closes the cache also while the key of a removed entry is read', async () => {
    const stage = new FailureStage()
    const removed = vi.fn()
    const cache = stage.attach({ onRemove: removed })
    stage.cache.close()
    const cause = new RangeError('Array buffer allocation failed')
    vi.spyOn(Buffer, 'allocUnsafe').mockImplementation(() => {
      throw cause
    })
    const error = errorOf(() => cache.delete('plain'))
    vi.restoreAllMocks()
    expect(error).toMatchObject({ cause, code: 'ERR_HOTSET_CACHE_CLOSED' })
    await expectClosed(cache, cause)
    expect(removed).not.toHaveBeenCalled()
    stage.expectOthersToRecover()
  })
})

describe('an exception while no lock is held', () => {
  test('of the clock is handed on as it is, and the cache goes on', () => {
    const stage = new FailureStage()
    const thrown = new Error('no time')
    const error = stage.betray(
      () => {
        throw thrown
      },
      (cache) => cache.get('expiring'),
    )
    expect(error).toBe(thrown)
    expect(stage.cache.get('expiring')).toBe('value')
    expect(stage.cache.set('plain', 'still')).toBe(true)
    expect(stage.survivor.get('plain')).toBe('still')
    expect(stage.cache.verify()).toEqual({ ok: true, problems: [] })
    expect(stage.survivor.stats().threads).toBe(2)
  })

  test('of the clock is handed on by getOrSet as a rejection', async () => {
    const stage = new FailureStage()
    const thrown = new Error('no time')
    stage.clock.act = () => {
      throw thrown
    }
    await expect(stage.cache.getOrSet('expiring', () => 'loaded')).rejects.toBe(thrown)
    expect(await stage.cache.getOrSet('expiring', () => 'loaded')).toBe('value')
  })
})

test('an exception of the clock while a thread attaches leaves no slot taken', () => {
  const stage = new FailureStage()
  const thrown = new Error('no time')
  stage.clock.act = () => {
    throw thrown
  }
  expect(() => stage.attach()).toThrow(thrown)
  stage.survivor.maintain()
  expect(stage.survivor.stats().threads).toBe(2)
})

describe('a trap', () => {
  test.each([
    ['with a lock held', METHODS.set],
    ['with no lock held', (cache: SharedCache<unknown>) => cache.get('expiring')],
    ['in a batch', (cache: SharedCache<unknown>) => cache.getMany(['plain', 'expiring'])],
  ])('%s closes the cache, and others recover', async (_, call) => {
    const stage = new FailureStage()
    const error = stage.betray(trap, call)
    expect(error).toBeInstanceOf(CacheClosedError)
    const { cause } = error as CacheClosedError
    expect((cause as Error).name).toBe('RuntimeError')
    expect(String(error)).toContain('unreachable')
    await expectClosed(stage.cache, cause)
    stage.expectOthersToRecover()
  })
})

/** Numbers from 1 to `count`: all of few, and some of many. */
function sample(count: number): number[] {
  const step = Math.max(1, Math.floor(count / MAX_POINTS))
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => 1 + index * step)
}

describe('an exception before any store of a call', () => {
  test.each(['set', 'delete', 'increment', 'clear', 'take'])(
    'either closes the cache or leaves it in order: %s',
    async (name) => {
      const call = METHODS[name]
      let closed = 0
      let open = 0
      const stage = new FailureStage()
      const attach = (): SharedCache<unknown> => faults.use(() => stage.attach())
      const first = attach()
      const steps = await faults.count(() => void call(first))
      first.close()
      stage.cache.close()
      for (const at of sample(steps)) {
        stage.survivor.set('plain', 'value')
        const cache = attach()
        let failure: unknown
        await faults.killAt(at, () => {
          failure = errorOf(() => call(cache))
        })
        if (failure instanceof CacheClosedError) {
          closed++
          expect(failure.cause).toBeInstanceOf(Killed)
          await expectClosed(cache, failure.cause)
        } else {
          // Why undefined too: it takes fewer stores where the first one has left something.
          if (failure !== undefined) expect(failure).toBeInstanceOf(Killed)
          open++
          expect(cache.set('plain', at)).toBe(true)
          expect(cache.verify()).toEqual({ ok: true, problems: [] })
          cache.close()
        }
        stage.expectOthersToRecover()
      }
      expect(closed).toBeGreaterThan(0)
      expect(open).toBeGreaterThan(0)
    },
  )
})
