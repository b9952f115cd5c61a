/** AbortSignal: who stops waiting, what goes on, and what becomes of the worker. */
import { describe, expect, it } from 'vitest'
import { createPool, Gate, PATIENCE } from './pool-helpers.js'

const REASON = new Error('changed my mind')

describe('a signal', () => {
  it('ends the wait of its own caller; the others get the value', async () => {
    const { cache, pool } = createPool()
    const gate = new Gate()
    const controller = new AbortController()
    const args = { gate: gate.words }
    const leaving = pool.getOrSet('a', 'wait', args, { signal: controller.signal })
    const staying = pool.getOrSet('a', 'wait', args)
    await gate.waitForBegun(1)
    controller.abort(REASON)
    await expect(leaving).rejects.toBe(REASON)
    gate.open()
    expect(await staying).toBe('waited')
    expect(cache.get('a')).toBe('waited')
    expect([gate.begun, gate.aborted, gate.ended]).toEqual([1, 0, 1])
  })

  it("aborts the loader's signal when the last caller has gone, and nothing is stored", async () => {
    const { cache, pool } = createPool({ terminateAfter: false })
    const gate = new Gate()
    const controllers = [new AbortController(), new AbortController()]
    const loads = controllers.map(({ signal }) =>
      pool.getOrSet('a', 'wait', { gate: gate.words }, { signal }),
    )
    const ends = Promise.allSettled(loads)
    await gate.waitForBegun(1)
    for (const controller of controllers) controller.abort(REASON)
    const rejected = { status: 'rejected', reason: REASON }
    expect(await ends).toEqual([rejected, rejected])
    await pool.drain()
    expect([gate.aborted, gate.ended]).toEqual([1, 0])
    expect(cache.has('a')).toBe(false)
    gate.open()
    expect(await pool.getOrSet('a', 'wait', { gate: gate.words })).toBe('waited')
  })

  it('that has aborted already runs nothing', async () => {
    const { pool } = createPool()
    const signal = AbortSignal.abort(REASON)
    await expect(pool.getOrSet('a', 'nothing', {}, { signal })).rejects.toBe(REASON)
    await expect(pool.run('nothing', {}, { signal })).rejects.toBe(REASON)
    expect(pool.stats().completed).toBe(0)
  })

  it('keeps a task that waits for a worker from being run', async () => {
    const { pool } = createPool()
    const [busy, never] = [new Gate(), new Gate()]
    const running = pool.run('wait', { gate: busy.words })
    await busy.waitForBegun(1)
    const controller = new AbortController()
    const waiting = pool.run('wait', { gate: never.words }, { signal: controller.signal })
    controller.abort(REASON)
    await expect(waiting).rejects.toBe(REASON)
    busy.open()
    expect(await running).toBe('waited')
    await pool.drain()
    expect(never.begun).toBe(0)
  })

  it('lets a loader end in its own way, and its thread live', async () => {
    const { pool } = createPool({ terminateAfter: '1h' })
    await pool.run('nothing')
    const { threadId } = pool.threads[0]
    const gate = new Gate()
    const controller = new AbortController()
    const load = pool.run('wait', { gate: gate.words }, { signal: controller.signal })
    await gate.waitForBegun(1)
    controller.abort(REASON)
    await expect(load).rejects.toBe(REASON)
    await pool.drain()
    expect(gate.aborted).toBe(1)
    expect(pool.threads.map((thread) => thread.threadId)).toEqual([threadId])
  })

  it.each([0, 20])('ends the thread of a loader that heeds nothing, after %d ms', async (ms) => {
    const { cache, pool } = createPool({ terminateAfter: ms })
    const gate = new Gate()
    const controller = new AbortController()
    const options = { signal: controller.signal }
    const load = pool.getOrSet('a', 'spin', { gate: gate.words }, options)
    const next = pool.getOrSet('b', 'double', { number: 1 })
    await gate.waitForBegun(1)
    const { threadId } = pool.threads[0]
    controller.abort(REASON)
    await expect(load).rejects.toBe(REASON)
    expect(await next).toBe(2)
    expect(pool.threads[0].threadId).not.toBe(threadId)
    expect(cache.has('a')).toBe(false)
  })

  it('ends no thread that runs other tasks too', async () => {
    const { pool } = createPool({ terminateAfter: 0, concurrentTasksPerWorker: 2 })
    const gates = [new Gate(), new Gate()]
    const controller = new AbortController()
    const args = gates.map((gate) => ({ gate: gate.words }))
    const leaving = pool.getOrSet('a', 'wait', args[0], { signal: controller.signal })
    const staying = pool.getOrSet('b', 'wait', args[1])
    for (const gate of gates) await gate.waitForBegun(1)
    controller.abort(REASON)
    await expect(leaving).rejects.toBe(REASON)
    await expect.poll(() => gates[0].aborted, PATIENCE).toBe(1)
    gates[1].open()
    expect(await staying).toBe('waited')
  })
})
