/** writeThrough and writeAround: the store first, in order for each key, errors to the caller. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/tiers/store/store.js'
import { writeAround, writeThrough } from '../../../src/tiers/store/write-through.js'
import { BatchStore, gate, MemoryStore, until } from './store-helpers.js'

const { signal } = new AbortController()

it('write-through writes the tiers after a save, write-around deletes their copies', () => {
  expect(writeThrough(new MemoryStore())).toMatchObject({
    kind: 'write-through',
    afterSave: 'write',
  })
  expect(writeAround(new MemoryStore())).toMatchObject({
    kind: 'write-around',
    afterSave: 'delete',
  })
})

describe.each([
  ['writeThrough', writeThrough],
  ['writeAround', writeAround],
] as const)('%s', (_, make) => {
  it('resolves when the store has saved, and rejects with its error', async () => {
    const store = new MemoryStore<number>()
    const writer = make<number>(store)
    await writer.save('a', 1)
    expect(store.values.get('a')).toBe(1)
    const error = new Error('no')
    store.refuse = () => {
      throw error
    }
    await expect(writer.save('a', 2)).rejects.toBe(error)
    await expect(writer.remove('a')).rejects.toBe(error)
    expect(writer.stats()).toEqual({ pending: 0, saved: 1, failed: 2 })
  })

  it('has one write of a key at the store at a time, in order; others do not wait', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = (key) => (key === 'a' ? held.opened : undefined)
    const writer = make<number>(store)
    const writes = [writer.save('a', 1), writer.remove('a'), writer.save('a', 2)]
    await writer.save('b', 1)
    expect(store.calls.filter(([, key]) => key === 'a')).toHaveLength(1)
    held.open()
    await Promise.all(writes)
    expect(store.calls.filter(([, key]) => key === 'a').map(([kind]) => kind)).toEqual([
      'save',
      'remove',
      'save',
    ])
    expect(store.values.get('a')).toBe(2)
  })

  it('saves many one by one where the store takes no batches, with an outcome each', async () => {
    const store = new MemoryStore<number>()
    store.refuse = (key) => {
      if (key === 'b') throw new Error('not b')
    }
    const writer = make<number>(store)
    const items = ['a', 'b', 'c'].map((key) => ({ key, value: 1 }))
    expect(await writer.saveMany(items)).toEqual([
      { saved: true },
      { saved: false, error: new Error('not b') },
      { saved: true },
    ])
    expect(await writer.removeMany(['a', 'b'])).toMatchObject([{ saved: true }, { saved: false }])
  })

  it('saves many with one call where the store takes batches, the last of a key alone', async () => {
    const store = new BatchStore<number>()
    const writer = make<number>(store)
    const items = ['a', 'b', 'a'].map((key, value) => ({ key, value }))
    expect(await writer.saveMany(items)).toEqual(items.map(() => ({ saved: true })))
    expect(store.batches).toEqual([2])
    expect(Object.fromEntries(store.values)).toEqual({ a: 2, b: 1 })
    expect(await writer.removeMany(['a', 'a', 'x'])).toHaveLength(3)
    expect(store.batches).toEqual([2, 2])
    expect(await writer.saveMany([])).toEqual([])
  })

  it('does not begin a write whose signal has aborted while it waited for its turn', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = make<number>(store)
    const first = writer.save('a', 1)
    const controller = new AbortController()
    const second = writer.save('a', 2, { signal: controller.signal })
    await until(() => store.calls.length === 1)
    controller.abort(new Error('enough'))
    held.open()
    await first
    await expect(second).rejects.toThrow('enough')
    expect(store.values.get('a')).toBe(1)
  })

  it('flushes by waiting for the writes that are under way', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = make<number>(store)
    const write = writer.save('a', 1)
    expect(await writer.flush({ timeout: 5 })).toMatchObject({ complete: false, pending: 1 })
    const flushed = writer.flush()
    held.open()
    expect(await flushed).toEqual({ complete: true, pending: 0, dead: 0 })
    await write
  })

  it('loads from the store, one or many, with whichever it offers', async () => {
    const store = new MemoryStore<number>()
    store.values.set('a', 1)
    const writer = make<number>(store)
    expect(await writer.load('a', { signal })).toBe(1)
    expect(await writer.loadMany(['b', 'a'], { signal })).toEqual([undefined, 1])
    const many: Store<number> = {
      loadMany: async (keys) => keys.map((key) => store.values.get(key)),
      save() {},
      remove() {},
    }
    expect(await make<number>(many).load('a', { signal })).toBe(1)
    expect(await make<number>(many).loadMany(['b', 'a'], { signal })).toEqual([undefined, 1])
    const none: Store<number> = { save() {}, remove() {} }
    expect(await make<number>(none).load('a', { signal })).toBeUndefined()
  })

  it.each([
    ['store', undefined],
    ['store.remove', { save() {} }],
    ['store.load', { save() {}, remove() {}, load: 1 }],
  ])('refuses what is no store, by the name %s', (option, store) => {
    expect(() => make(store as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
    )
  })
})
