/** Backpressure of writeBehind: what happens when as much is pending as may be. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WriteBehindWriter } from '../../../src/tiers/store/write-behind.js'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import type { WriteBehindOptions } from '../../../src/tiers/store/write-behind-options.js'
import { gate, JournalFolder, MemoryStore, until } from './store-helpers.js'

let folder: JournalFolder
let store: MemoryStore<unknown>
let held: ReturnType<typeof gate>
beforeEach(() => {
  folder = new JournalFolder()
  store = new MemoryStore()
  held = gate()
  store.hold = () => held.opened
})
afterEach(async () => {
  held.open()
  await folder.clean()
})

function open(options: Partial<WriteBehindOptions<unknown>>): Promise<WriteBehindWriter<unknown>> {
  return folder.open(writeBehind(store, { journal: folder.journal(), flushSize: 1, ...options }))
}

describe('a write that finds as many pending as may be', () => {
  it('is refused at once with onFull reject, by an error that names the limit', async () => {
    const writer = await open({ maxPending: 2, onFull: 'reject' })
    await writer.saveMany(['a', 'b'].map((key) => ({ key, value: 1 })))
    await expect(writer.save('c', 1)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_FULL',
      limit: 'maxPending',
      key: 'c',
    })
    held.open()
    await writer.flush()
    await writer.save('c', 1)
  })

  it('waits until there is room, in order, and no longer than fullTimeout', async () => {
    const writer = await open({ maxPending: 1 })
    await writer.save('a', 1)
    const acknowledged: string[] = []
    const waiting = ['b', 'c', 'd'].map((key) =>
      writer.save(key, 1).then(() => acknowledged.push(key)),
    )
    expect(writer.stats()).toMatchObject({ waitingForRoom: 3, pending: 1 })
    held.open()
    await Promise.all(waiting)
    expect(acknowledged).toEqual(['b', 'c', 'd'])
    await writer.flush()
    expect(store.values.size).toBe(4)
  })

  it('is refused when it has waited for fullTimeout', async () => {
    const writer = await open({ maxPending: 1, fullTimeout: 5 })
    await writer.save('a', 1)
    await expect(writer.save('b', 1)).rejects.toMatchObject({ limit: 'maxPending' })
    expect(writer.stats()).toMatchObject({ waitingForRoom: 0, pending: 1 })
  })

  it('stops waiting with its signal, and with close', async () => {
    const writer = await open({ maxPending: 1, closeTimeout: 1 })
    await writer.save('a', 1)
    const controller = new AbortController()
    const aborted = writer.save('b', 1, { signal: controller.signal })
    const closed = writer.save('c', 1)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const closing = writer.close()
    await expect(closed).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
    await closing
  })

  it('takes the place of a pending write of its key', async () => {
    const writer = await open({ maxPending: 2, onFull: 'reject', concurrency: 1 })
    await writer.save('a', 1)
    await until(() => store.calls.length === 1)
    await writer.save('b', 1)
    await writer.save('b', 2)
    held.open()
    await writer.flush()
    expect(store.saved('b')).toEqual([2])
  })

  it('does not overtake an earlier one of its key that waits', async () => {
    const writer = await open({ maxPending: 1, concurrency: 1 })
    await writer.save('a', 1)
    const waiting = [1, 2, 3].map((value) => writer.save('b', value))
    held.open()
    await Promise.all(waiting)
    await writer.flush()
    expect(store.values.get('b')).toBe(3)
    const saved = store.saved('b') as number[]
    expect(saved).toEqual(saved.toSorted((a, b) => a - b))
  })
})

describe('bytes', () => {
  it('of pending writes are bounded too', async () => {
    const writer = await open({ maxBytes: '2kb', onFull: 'reject' })
    await writer.save('a', 'x'.repeat(1500))
    await expect(writer.save('b', 'x'.repeat(1500))).rejects.toMatchObject({ limit: 'maxBytes' })
    await writer.save('c', 'x')
  })

  it('of a write that is larger than all that may be pending are refused, not waited for', async () => {
    const writer = await open({ maxBytes: '2kb' })
    await expect(writer.save('a', 'x'.repeat(3000))).rejects.toMatchObject({ limit: 'maxBytes' })
    expect(writer.stats()).toMatchObject({ pending: 0, pendingBytes: 0 })
  })
})
