/**
 * An engine that ran out of the stack, where it may be that nothing could be said of it: a thread then finds
 * its own name on a lock. As in engine-failure.test.ts, the cache works or is closed, and others recover.
 */
import { describe, expect, test } from 'vitest'
import {
  CONTROL_PTR,
  CONTROL_SHARDS_PTR,
  SHARD_BYTES,
  THREAD_BYTES,
  THREAD_LOCK_NAME,
  THREADS_PTR,
} from '../../assembly/constants.js'
import { CacheClosedError, type HotsetError, type SharedCache } from '../../src/index.js'
import { wordsOf } from '../support/engine-memory.js'
import { errorOf, expectClosed, FailureStage, METHODS } from './support/failure-stage.js'

const { RuntimeError } = WebAssembly as unknown as { RuntimeError: ErrorConstructor }

/** Runs an action with as little of the stack left as it needs to come back from. */
function atEndOfStack(action: () => void): void {
  try {
    atEndOfStack(action)
  } catch {
    action()
  }
}

/** The same, so many words nearer to the end. */
function atEndOfStackBut(words: number, action: () => void): void {
  const further = (..._words: number[]): void => atEndOfStack(action)
  further(...new Array<number>(words))
}

describe('a lock that carries the name of the thread that wants it', () => {
  /** As after an exception with too little of the stack left to say so. */
  const leaveLocked = ({ survivor }: FailureStage, attachment: number): void => {
    const words = wordsOf(survivor.handle)
    const name = words[(THREADS_PTR + attachment * THREAD_BYTES + THREAD_LOCK_NAME) >>> 2]
    const shards = words[(CONTROL_PTR + CONTROL_SHARDS_PTR) >>> 2]
    for (const shard of [0, 1]) words[(shards + shard * SHARD_BYTES) >>> 2] = name
  }

  test.each(['set', 'delete', 'increment', 'clear'])(
    'closes the cache at once in %s, and others recover',
    async (name) => {
      const stage = new FailureStage()
      leaveLocked(stage, 1)
      const error = errorOf(() => METHODS[name](stage.cache)) as HotsetError
      expect(error).toBeInstanceOf(CacheClosedError)
      expect(error.cause).toBeInstanceOf(RuntimeError)
      await expectClosed(stage.cache, error.cause)
      stage.expectOthersToRecover()
    },
  )

  test('is given back by close()', () => {
    const stage = new FailureStage()
    stage.cache.get('plain')
    leaveLocked(stage, 1)
    stage.cache.close()
    stage.expectOthersToRecover()
  })
})

describe('the end of the stack', () => {
  const ROUNDS = 60

  const CALLS: Record<string, (cache: SharedCache<unknown>, index: number) => unknown> = {
    get: (cache) => cache.get('expiring'),
    getMany: (cache) => cache.getMany(['expiring', 'plain', 'key 1', 'key 2']),
    set: (cache, index) => cache.set(`key ${index % 50}`, 'x'.repeat(index % 300)),
    'set of a large value': (cache, index) => cache.set(`large ${index % 5}`, 'x'.repeat(50_000)),
    delete: (cache, index) => cache.delete(`key ${index % 50}`),
    take: (cache, index) => cache.take(`key ${index % 50}`),
    increment: (cache) => cache.increment('number'),
    purgeExpired: (cache) => cache.purgeExpired(),
    clear: (cache) => cache.clear(),
  }

  test.each(Object.keys(CALLS))('leaves a cache that works, or is closed: %s', async (name) => {
    const stage = new FailureStage({ lockTimeout: 1000, maxBytes: '1536kb' })
    for (let round = 0; round < ROUNDS; round++) {
      for (let index = 0; index < 50; index++) {
        stage.survivor.set(`key ${index}`, 'x'.repeat(200), { ttl: 1 + index })
      }
      stage.clock.nowMs += 25
      const cache = stage.attach(round % 2 === 0 ? {} : { onRemove() {} })
      let calls = 0
      atEndOfStackBut(round, () => {
        calls++
        try {
          CALLS[name](cache, calls)
        } catch (error) {
          if (!(error instanceof CacheClosedError)) throw error
        }
      })
      // What there was no stack for is done in the next turn.
      await null
      const error = errorOf(() => expect(cache.set('plain', round)).toBe(true))
      if (error === undefined) {
        expect(stage.hasFailedThread).toBe(false)
        expect(cache.get('plain')).toBe(round)
        cache.close()
      } else {
        expect(error).toBeInstanceOf(CacheClosedError)
        // Why also a trap: where nothing could be said of the end of the stack, the next call finds the lock.
        const { cause } = error as HotsetError
        expect(cause instanceof RangeError || cause instanceof RuntimeError).toBe(true)
      }
      const { survivor } = stage
      expect(survivor.set('plain', 'after')).toBe(true)
      expect(survivor.verify()).toEqual({ ok: true, problems: [] })
      expect(survivor.stats().rejected.lockTimeout).toBe(0)
    }
  })
})
