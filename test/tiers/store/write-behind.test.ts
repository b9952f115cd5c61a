/** writeBehind: acknowledged when journalled, saved in the background, in order, coalesced by key. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WriteBehindWriter, writeBehind } from '../../../src/tiers/store/write-behind.js'
import type { WriteBehindOptions } from '../../../src/tiers/store/write-behind-options.js'
import { BatchStore, gate, JournalFolder, MemoryStore, until } from './store-helpers.js'

const NEVER = '1h'
const { signal } = new AbortController()

let folder: JournalFolder
beforeEach(() => {
  folder = new JournalFolder()
})
afterEach(() => folder.clean())

function open<V>(
  store: MemoryStore<V>,
  options: Partial<WriteBehindOptions<V>> = {},
): Promise<WriteBehindWriter<V>> {
  const journal = folder.journal()
  return folder.open(writeBehind<V>(store, { journal, flushInterval: NEVER, ...options }))
}

describe('a save', () => {
  it('is acknowledged before the store has it, and reaches it with flush', async () => {
    const store = new MemoryStore<number>()
    const writer = await open(store)
    await writer.save('a', 1)
    expect(store.calls).toEqual([])
    expect(writer.stats()).toMatchObject({ pending: 1, saved: 0 })
    expect(await writer.flush()).toEqual({ complete: true, pending: 0, dead: 0 })
    expect(store.values.get('a')).toBe(1)
    expect(writer.stats()).toMatchObject({ pending: 0, saved: 1, pendingBytes: 0 })
  })

  it('reaches the store without flush when the interval is over', async () => {
    const store = new MemoryStore<number>()
    const writer = await open(store, { flushInterval: '5ms' })
    await writer.save('a', 1)
    await until(() => store.values.get('a') === 1)
  })

  it('reaches the store without flush when there are flushSize of them, as one batch', async () => {
    const store = new BatchStore<number>()
    const writer = await open(store, { flushSize: 3 })
    await writer.saveMany([1, 2, 3].map((value) => ({ key: `k${value}`, value })))
    await until(() => store.values.size === 3)
    expect(store.batches).toEqual([3])
  })

  it('that comes while an earlier one of its key is at the store reaches it too, without flush', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = await open(store, { flushInterval: '5ms' })
    await writer.save('a', 1)
    await until(() => store.calls.length === 1)
    await writer.save('a', 2)
    held.open()
    await until(() => store.values.get('a') === 2)
  })

  it('of a value that cannot be stored is refused and leaves nothing behind', async () => {
    const writer = await open(new MemoryStore<unknown>())
    await expect(writer.save('a', () => {})).rejects.toMatchObject({
      code: 'ERR_HOTSET_UNSERIALIZABLE_VALUE',
    })
    expect(writer.stats()).toMatchObject({ pending: 0, pendingBytes: 0 })
  })

  it('after close is refused', async () => {
    const writer = await open(new MemoryStore<number>())
    await writer.close()
    await expect(writer.save('a', 1)).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
  })

  it.each([
    ['a map', new Map([['a', new Date(5)]])],
    ['bytes', Buffer.from('xyz')],
    ['an empty text', ''],
    ['a text that is no Unicode', 'a\ud800\u1234'],
    ['a number', -0],
    ['null', null],
    ['a large text', 'ä'.repeat(300_000)],
  ])('keeps %s as it is', async (_, value) => {
    const store = new MemoryStore<unknown>()
    const writer = await open(store)
    await writer.save('key \ud800', value)
    expect(writer.pendingValue('key \ud800')).toEqual({ kind: 'save', value })
    await writer.flush()
    expect(store.values.get('key \ud800')).toEqual(value)
  })

  it('passes through the codec that is given', async () => {
    const store = new MemoryStore<string>()
    const writer = await open(store, {
      encode: (value) => Buffer.from(value.toUpperCase()),
      decode: (bytes) => Buffer.from(bytes).toString(),
    })
    await writer.save('a', 'text')
    await writer.flush()
    expect(store.values.get('a')).toBe('TEXT')
  })
})

describe('writes of one key', () => {
  it('that are pending together become one save of the newest', async () => {
    const store = new MemoryStore<number>()
    const writer = await open(store)
    for (let value = 1; value <= 5; value++) await writer.save('a', value)
    await Promise.all([writer.save('a', 6), writer.save('a', 7)])
    await writer.flush()
    expect(store.saved('a')).toEqual([7])
    expect(writer.stats()).toMatchObject({ coalesced: 6, saved: 1, pending: 0, pendingBytes: 0 })
  })

  it('are at the store one at a time, in order', async () => {
    const store = new MemoryStore<number>()
    const writer = await open(store, { concurrency: 8 })
    const first = gate()
    store.hold = () => (store.calls.length === 1 ? first.opened : undefined)
    await writer.save('a', 1)
    const flushed = writer.flush()
    await until(() => store.calls.length === 1)
    await writer.save('a', 2)
    await writer.save('b', 1)
    const flushedAgain = writer.flush()
    await until(() => store.values.get('b') === 1)
    expect(store.saved('a')).toEqual([1])
    first.open()
    await flushed
    await flushedAgain
    expect(store.saved('a')).toEqual([1, 2])
  })

  it('end with a remove where that came last', async () => {
    const store = new BatchStore<number>()
    const writer = await open(store)
    store.values.set('a', 0)
    await writer.save('a', 1)
    await writer.remove('a')
    await writer.flush()
    expect(store.calls).toEqual([['remove', 'a']])
    expect(store.values.has('a')).toBe(false)
  })
})

describe('a load', () => {
  it('answers with what is acknowledged and not saved yet', async () => {
    const store = new MemoryStore<number>()
    store.values.set('a', 0)
    const writer = await open(store)
    await writer.save('a', 1)
    expect(await writer.load('a', { signal })).toBe(1)
    await writer.remove('a')
    expect(await writer.load('a', { signal })).toBeUndefined()
    expect(await writer.loadMany(['a', 'b', 'a'], { signal })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('answers with the write that is at the store', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    const writer = await open(store)
    store.hold = () => held.opened
    await writer.save('a', 1)
    const flushed = writer.flush()
    await until(() => store.calls.length === 1)
    expect(await writer.load('a', { signal })).toBe(1)
    held.open()
    await flushed
  })

  it('never answers with what a write has made old while the store was asked', async () => {
    const store = new MemoryStore<number>()
    store.values.set('a', 0)
    const held = gate()
    const writer = await open(store)
    const load = store.load.bind(store)
    store.load = async (key) => {
      const isFirst = !writer.stats().saved
      const value = await load(key)
      if (isFirst) await held.opened
      return value
    }
    const loaded = writer.load('a', { signal })
    const loadedMany = writer.loadMany(['b', 'a'], { signal })
    await until(() => store.loads === 3)
    await writer.save('a', 1)
    await writer.flush()
    held.open()
    expect(await loaded).toBe(1)
    expect(await loadedMany).toEqual([undefined, 1])
  })
})

describe('flush', () => {
  it('answers what is left when its time is over', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = await open(store)
    await writer.save('a', 1)
    expect(await writer.flush({ timeout: 5 })).toEqual({ complete: false, pending: 1, dead: 0 })
    held.open()
    expect(await writer.flush()).toMatchObject({ complete: true })
  })

  it('ends with its signal', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = await open(store)
    await writer.save('a', 1)
    const controller = new AbortController()
    const flushed = writer.flush({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(flushed).rejects.toThrow('enough')
    held.open()
  })
})
