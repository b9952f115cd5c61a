/** What goes wrong in a worker: the task's own failure, told clearly, and nobody else's. */
import { types } from 'node:util'
import { describe, expect, it } from 'vitest'
import { UnserializableValueError } from '../../dist/src/index.js'
import {
  LoaderModuleError,
  QueueFullError,
  UnknownLoaderError,
  WorkerEndedError,
} from '../../dist/src/pool/index.js'
import { createPool, Gate, PATIENCE } from './pool-helpers.js'

async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  )
}

describe('an error that a loader throws', () => {
  it('arrives with message, name, class, stack, cause and its own properties', async () => {
    const { pool } = createPool()
    const error = await failureOf(pool.getOrSet('a', 'fail', { kind: 'rich' }))
    expect(error).toBeInstanceOf(TypeError)
    expect(types.isNativeError(error)).toBe(true)
    expect(error.name).toBe('TeapotError')
    expect(error.message).toBe('I am a teapot')
    expect(error.stack).toContain('loaders.mjs')
    expect(error.cause).toBeInstanceOf(RangeError)
    expect((error.cause as Error).message).toBe('too hot')
    expect({ ...error }).toEqual({ code: 418, details: { lid: new Date(7) } })
  })

  it('may be of any kind', async () => {
    const { pool } = createPool()
    const fail = (kind: string) => failureOf(pool.run('fail', { kind }))
    const aggregate = await fail('aggregate')
    expect(aggregate).toBeInstanceOf(AggregateError)
    expect(aggregate.errors).toEqual([new Error('one'), 'two'])
    expect(await fail('string')).toBe('just text')
    expect(await fail('dom')).toBeInstanceOf(DOMException)
    expect((await fail('dom')).name).toBe('AbortError')
    expect((await fail('function')).message).toContain('Function')
    expect(await fail('unreadable')).toBeInstanceOf(Error)
  })

  it('rejects all callers of the load, and the next call loads again', async () => {
    const { pool } = createPool()
    const loads = [1, 2].map(() => failureOf(pool.getOrSet('a', 'fail', { kind: 'down' })))
    for (const error of await Promise.all(loads)) expect(error.message).toBe('down')
    expect(pool.stats().completed).toBe(1)
    expect(await pool.getOrSet('a', 'double', { number: 1 })).toBe(2)
  })

  it('is UnserializableValueError for a value that no cache can hold', async () => {
    const { pool } = createPool()
    const error = await failureOf(pool.getOrSet('a', 'makeFunction'))
    expect(error).toBeInstanceOf(UnserializableValueError)
    expect(error).toMatchObject({ code: 'ERR_HOTSET_UNSERIALIZABLE_VALUE', path: 'value' })
  })
})

describe('a loader that cannot be had', () => {
  it('raises an error that lists those there are', async () => {
    const { pool } = createPool()
    for (const name of ['doubel', 'notAFunction', 'toString', 'constructor']) {
      const error = await failureOf(pool.getOrSet('a', name))
      expect(error).toBeInstanceOf(UnknownLoaderError)
      expect(error.message).toContain(`'${name}'`)
      expect(error.message).toContain('double')
      expect(error).toMatchObject({ loader: name, code: 'ERR_HOTSET_UNKNOWN_LOADER' })
    }
  })

  it('raises an error that says why its module cannot be imported', async () => {
    const broken = createPool({ filename: new URL('./loaders/broken.mjs', import.meta.url) })
    const error = await failureOf(broken.pool.getOrSet('a', 'double'))
    expect(error).toBeInstanceOf(LoaderModuleError)
    expect(error.message).toContain('broken.mjs')
    expect(error.message).toContain('the database is not there')
    expect(error.code).toBe('ERR_HOTSET_LOADER_MODULE')
    const absent = createPool({ filename: '/nowhere/loaders.mjs' })
    const other = await failureOf(absent.pool.run('double'))
    expect(other).toBeInstanceOf(LoaderModuleError)
    expect(other.filename).toBe('file:///nowhere/loaders.mjs')
  })

  it('raises DataCloneError for arguments that cannot be sent', async () => {
    const { pool } = createPool()
    const error = await failureOf(pool.getOrSet('a', 'double', { number: () => {} }))
    expect(error.name).toBe('DataCloneError')
    expect(await pool.run('double', { number: 2 })).toBe(4)
  })
})

describe('a worker that ends before its task', () => {
  it.each([
    ['exit', {}, /exited with code: 3/],
    ['uncaught', {}, /nobody catches this/],
    ['memory', { resourceLimits: { maxOldGenerationSizeMb: 24 } }, /memory/],
  ])('by %s fails that task only, and is replaced', async (kind, options, reason) => {
    const { cache, pool } = createPool({ ...options, minThreads: 2, maxThreads: 2 })
    const gate = new Gate()
    const other = pool.getOrSet('other', 'wait', { gate: gate.words })
    await gate.waitForBegun(1)
    const error = await failureOf(pool.getOrSet('a', 'crash', { kind }))
    expect(error).toBeInstanceOf(WorkerEndedError)
    expect(error).toMatchObject({ code: 'ERR_HOTSET_WORKER_ENDED', loader: 'crash' })
    expect(error.message).toMatch(reason)
    gate.open()
    expect(await other).toBe('waited')
    expect(await pool.getOrSet('a', 'double', { number: 5 })).toBe(10)
    expect(cache.get('a')).toBe(10)
    expect(pool.threads.length).toBe(2)
  })

  it('by terminate fails that task only', async () => {
    const { pool } = createPool()
    const gate = new Gate()
    const failure = failureOf(pool.getOrSet('a', 'spin', { gate: gate.words }))
    await gate.waitForBegun(1)
    await pool.threads[0].terminate()
    expect(await failure).toBeInstanceOf(WorkerEndedError)
    expect(await pool.getOrSet('a', 'double', { number: 1 })).toBe(2)
  })

  it('leaves the tasks that wait to the next one, where there is none at rest', async () => {
    const { pool } = createPool({ minThreads: 0, idleTimeout: 60_000 })
    const failure = failureOf(pool.run('crash', { kind: 'exit' }))
    const waiting = [1, 2, 3].map((number) => pool.run('double', { number }))
    expect(await failure).toBeInstanceOf(WorkerEndedError)
    expect(await Promise.all(waiting)).toEqual([2, 4, 6])
  })

  it('tells onError where it had no task', async () => {
    const errors: unknown[] = []
    const { pool } = createPool({ onError: (error) => errors.push(error), atomics: 'disabled' })
    expect(await pool.run('crashLater')).toBe('done')
    await expect.poll(() => errors.length, PATIENCE).toBe(1)
    expect((errors[0] as Error).message).toBe('nobody asked')
    expect(await pool.run('double', { number: 1 })).toBe(2)
  })
})

describe('workers that cannot start', () => {
  it('fail the tasks that wait for them', async () => {
    const { pool } = createPool({
      execArgv: ['--import', 'data:text/javascript,throw Error("no")'],
    })
    const tasks = [1, 2, 3].map((number) => failureOf(pool.run('double', { number })))
    for (const error of await Promise.all(tasks)) expect(error).toBeInstanceOf(WorkerEndedError)
    await pool.close()
  })
})

describe('maxQueue', () => {
  it('bounds the tasks that wait, whether they have a signal or not', async () => {
    const { pool } = createPool({ maxQueue: 2 })
    const gate = new Gate()
    const running = pool.run('wait', { gate: gate.words })
    await gate.waitForBegun(1)
    const { signal } = new AbortController()
    const waiting = [1, 2].map((number) => pool.run('double', { number }, { signal }))
    const error = await failureOf(pool.run('double', { number: 3 }, { signal }))
    expect(error).toBeInstanceOf(QueueFullError)
    expect(error).toMatchObject({ code: 'ERR_HOTSET_QUEUE_FULL', limit: 2, loader: 'double' })
    gate.open()
    expect(await Promise.all([running, ...waiting])).toEqual(['waited', 2, 4])
  })
})
