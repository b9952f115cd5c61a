/** The life of a pool: its options, tasks without a cache, the end, and the upkeep meanwhile. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FixedQueue } from 'piscina'
import { describe, expect, it } from 'vitest'
import { Registry } from '../../dist/src/engine/registry.js'
import { SharedCache } from '../../dist/src/index.js'
import { CachePool, PoolClosedError } from '../../dist/src/pool/index.js'
import { createPool, expectedBytes, Gate, LOADERS, PATIENCE } from './pool-helpers.js'

/** As the memory has it. */
function attachedThreads(cache: SharedCache): number {
  const { memory } = cache.handle.engines[0] as { memory: { buffer: ArrayBuffer } }
  const { buffer } = memory
  return new Registry(new Int32Array(buffer), new Float64Array(buffer)).count
}

describe('run', () => {
  it('answers what the export returns, and caches nothing', async () => {
    const { cache, pool } = createPool()
    expect(await pool.run('double', { number: 4 })).toBe(8)
    expect(await pool.run('nothing')).toBeUndefined()
    expect(cache.size).toBe(0)
  })

  it('moves what the transfer list names', async () => {
    const { pool } = createPool()
    const bytes = new Uint8Array([1, 2, 3])
    const transferList = [bytes.buffer]
    const call = (await pool.run('describeCall', { bytes }, { transferList })) as {
      args: { bytes: Uint8Array }
      key?: string
    }
    expect(bytes.byteLength).toBe(0)
    expect([...call.args.bytes]).toEqual([1, 2, 3])
    expect(call.key).toBeUndefined()
  })
})

describe('the options', () => {
  it('of Piscina pass through', async () => {
    const taskQueue = new FixedQueue()
    const { pool } = createPool({
      env: { POOL_TEST: 'yes' },
      argv: ['--flag'],
      minThreads: 2,
      maxThreads: 3,
      taskQueue,
      recordTiming: false,
    })
    const call = await pool.run('describeCall')
    expect(call).toMatchObject({ environment: 'yes', argv: ['--flag'] })
    expect(pool.threads.length).toBe(2)
    const gate = new Gate()
    const tasks = [1, 2, 3, 4].map(() => pool.run('wait', { gate: gate.words }))
    await gate.waitForBegun(3)
    expect(taskQueue.size).toBe(1)
    expect(pool.stats()).toMatchObject({ threads: 3, queueSize: 1, runTime: undefined })
    gate.open()
    await Promise.all(tasks)
  })

  it('concurrentTasksPerWorker: one thread runs several tasks at once', async () => {
    const { pool } = createPool({ concurrentTasksPerWorker: 3 })
    const gate = new Gate()
    const { signal } = new AbortController()
    const tasks = ['a', 'b', 'c'].map((key) =>
      pool.getOrSet(key, 'wait', { gate: gate.words }, { signal }),
    )
    await gate.waitForBegun(3)
    gate.open()
    await Promise.all(tasks)
    expect(pool.threads.length).toBe(1)
  })

  it('idleTimeout and minThreads: threads end that are not needed', async () => {
    const { pool } = createPool({ minThreads: 0, idleTimeout: 1 })
    expect(await pool.run('double', { number: 1 })).toBe(2)
    await expect.poll(() => pool.threads.length, PATIENCE).toBe(0)
    expect(await pool.run('double', { number: 2 })).toBe(4)
  })

  it.each([
    ['filename', 5],
    ['filename', ''],
    ['cache', {}],
    ['minThreads', -1],
    ['minThreads', 9],
    ['maxThreads', 0],
    ['maxThreads', 1000],
    ['idleTimeout', -1],
    ['maxQueue', 1.5],
    ['maxQueue', 'all'],
    ['concurrentTasksPerWorker', 0],
    ['atomics', 'maybe'],
    ['resourceLimits', 5],
    ['argv', 'x'],
    ['execArgv', [5]],
    ['env', 'x'],
    ['taskQueue', {}],
    ['niceIncrement', -1],
    ['trackUnmanagedFds', 1],
    ['closeTimeout', '1 day'],
    ['recordTiming', 'no'],
    ['stricterFIFO', 0],
    ['loadBalancer', 5],
    ['workerHistogram', 'x'],
    ['maintenanceInterval', 0],
    ['maintenanceInterval', 'often'],
    ['terminateAfter', -1],
    ['onError', 'log'],
    ['maxThread', 4],
    ['name', 'x'],
  ])('refuse %s: %j', (option, value) => {
    using cache = new SharedCache({ maxBytes: '1mb' })
    const options = { cache, filename: LOADERS, maxThreads: 4, [option]: value }
    const create = (): unknown => new CachePool(options as never)
    expect(create).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option, value }),
    )
  })
})

describe('drain', () => {
  it('waits for what waits and what runs, and leaves the pool open', async () => {
    const { cache, pool } = createPool()
    await pool.drain()
    const gate = new Gate()
    const loads = ['a', 'b', 'c'].map((key) => pool.getOrSet(key, 'wait', { gate: gate.words }))
    let isDrained = false
    const drained = pool.drain().then(() => {
      isDrained = true
    })
    await gate.waitForBegun(1)
    expect(isDrained).toBe(false)
    gate.open()
    await drained
    expect(cache.size).toBe(3)
    await Promise.all(loads)
    expect(await pool.run('double', { number: 1 })).toBe(2)
  })
})

describe('close', () => {
  it('waits for what is under way, refuses what comes later, and leaves the cache open', async () => {
    const { cache, pool } = createPool({ maintenanceInterval: '10ms' }, { name: 'users' })
    const gate = new Gate()
    const loads = ['a', 'b'].map((key) => pool.getOrSet(key, 'wait', { gate: gate.words }))
    await gate.waitForBegun(1)
    const closing = pool.close()
    expect(pool.close()).toBe(closing)
    const refused = { code: 'ERR_HOTSET_POOL_CLOSED', name: 'PoolClosedError', cache: 'users' }
    await expect(pool.getOrSet('a', 'double')).rejects.toMatchObject(refused)
    await expect(pool.run('double')).rejects.toBeInstanceOf(PoolClosedError)
    gate.open()
    expect(await Promise.all(loads)).toEqual(['waited', 'waited'])
    await closing
    expect(pool.threads).toEqual([])
    expect(cache.get('b')).toBe('waited')
  })

  it('ends the part of every thread of the pool in the cache', async () => {
    const options = { minThreads: 3, maxThreads: 3, maintenanceInterval: '10ms' }
    const { cache, pool } = createPool(options)
    const gate = new Gate()
    const tasks = [1, 2, 3].map(() => pool.run('wait', { gate: gate.words }))
    await gate.waitForBegun(3)
    await expect.poll(() => attachedThreads(cache), PATIENCE).toBe(5)
    gate.open()
    await Promise.all(tasks)
    await pool.close()
    expect(attachedThreads(cache)).toBe(1)
  })

  it('gives up on what has not ended by closeTimeout', async () => {
    const { pool } = createPool({ closeTimeout: 20 })
    const gate = new Gate()
    const load = pool.getOrSet('a', 'spin', { gate: gate.words })
    const failure = expect(load).rejects.toBeInstanceOf(PoolClosedError)
    await gate.waitForBegun(1)
    await pool.close()
    await failure
    expect(pool.threads).toEqual([])
  })
})

describe('destroy', () => {
  it('fails what waits and what runs, and ends the threads', async () => {
    const { cache, pool } = createPool({ maintenanceInterval: '10ms' })
    const gate = new Gate()
    const loads = ['a', 'b', 'c'].map((key) => pool.getOrSet(key, 'spin', { gate: gate.words }))
    const ends = Promise.allSettled(loads)
    await gate.waitForBegun(1)
    await pool.destroy()
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'ERR_HOTSET_POOL_CLOSED' } })
    }
    expect(pool.threads).toEqual([])
    expect(cache.set('a', 1)).toBe(true)
    await pool.close()
  })
})

describe('the maintenance', () => {
  it('takes away what has expired though nobody touches it', async () => {
    const { cache } = createPool({ maintenanceInterval: '5ms' })
    for (let index = 0; index < 5000; index++) cache.set(`key:${index}`, index, { ttl: 50 })
    await expect.poll(() => cache.stats().expirations, PATIENCE).toBe(5000)
    expect(cache.stats().size).toBe(0)
  })

  it('is not there with false', async () => {
    const { cache, pool } = createPool({ maintenanceInterval: false })
    cache.set('a', 1, { ttl: 1 })
    await expect.poll(() => cache.has('a'), PATIENCE).toBe(false)
    await pool.run('nothing')
    expect(cache.stats().expirations).toBe(0)
  })
})

describe('a process', () => {
  const RUN = `
    import { SharedCache } from '${new URL('../../dist/src/index.js', import.meta.url)}'
    import { CachePool } from '${new URL('../../dist/src/pool/index.js', import.meta.url)}'
    const cache = new SharedCache({ maxBytes: '4mb' })
    const pool = new CachePool({ cache, filename: '${fileURLToPath(LOADERS)}', maxThreads: 1 })
    console.log(await pool.getOrSet('a', 'double', { number: 21 }))`

  it.each([
    ['ends by itself while a pool is open', RUN, '42\n'],
    [
      'waits for a pool to close',
      `${RUN}\nawait pool.close(); console.log('closed')`,
      '42\nclosed\n',
    ],
  ])('%s', async (_, script, printed) => {
    const args = ['--input-type=module', '--eval', script]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
    expect([stdout, stderr]).toEqual([printed, ''])
  })
})

describe('a large result', () => {
  it('of run is posted as it is', async () => {
    const { pool } = createPool()
    const bytes = 3 * 1024 * 1024
    const posted = (await pool.run('makeBytes', { bytes, seed: 1 })) as Uint8Array
    expect(expectedBytes(bytes, 1).equals(posted)).toBe(true)
  })
})
