/** What writeBehind does when the store refuses: pauses that grow, single tries, dead letters. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeadLetter } from '../../../src/tiers/store/dead-letter.js'
import type { WriteBehindWriter } from '../../../src/tiers/store/write-behind.js'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import type { WriteBehindOptions } from '../../../src/tiers/store/write-behind-options.js'
import { BatchStore, gate, JournalFolder, MemoryStore, until } from './store-helpers.js'

const QUICK = { attempts: 3, minDelay: 1, maxDelay: 2 }

let folder: JournalFolder
beforeEach(() => {
  folder = new JournalFolder()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await folder.clean()
})

function open<V>(
  store: MemoryStore<V>,
  options: Partial<WriteBehindOptions<V>> = {},
): Promise<WriteBehindWriter<V>> {
  const journal = folder.journal()
  return folder.open(
    writeBehind<V>(store, { journal, flushInterval: '1h', closeTimeout: 1, ...options }),
  )
}

function poison(...keys: string[]): (key: string) => void {
  return (key) => {
    if (keys.includes(key)) throw new Error(`${key} is poisoned`)
  }
}

async function list<V>(writer: WriteBehindWriter<V>): Promise<DeadLetter<V>[]> {
  const letters: DeadLetter<V>[] = []
  for await (const letter of writer.deadLetters()) letters.push(letter)
  return letters
}

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

describe('a refused write', () => {
  it('is tried again after pauses that double up to the limit', async () => {
    const store = new MemoryStore<number>()
    store.refuse = poison('a')
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const writer = await open(store, { retry: { minDelay: 100, maxDelay: 500 } })
    await writer.save('a', 1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const flushed = writer.flush()
    await until(() => store.calls.length === 1)
    await settle()
    let count = 1
    for (const pauseMs of [100, 200, 400, 500, 500]) {
      vi.advanceTimersByTime(pauseMs - 1)
      await settle()
      expect(store.calls).toHaveLength(count)
      vi.advanceTimersByTime(1)
      count++
      await until(() => store.calls.length >= count)
      await settle()
    }
    expect(writer.stats()).toMatchObject({ failed: 6, retried: 5, pending: 1, paused: 1 })
    store.refuse = () => {}
    vi.advanceTimersByTime(500)
    expect(await flushed).toMatchObject({ complete: true })
  })

  it('pauses for at least half of the full pause, by chance', async () => {
    const store = new MemoryStore<number>()
    store.refuse = poison('a')
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const writer = await open(store, { retry: { minDelay: 100 } })
    await writer.save('a', 1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const flushed = writer.flush()
    await until(() => store.calls.length === 1)
    await settle()
    store.refuse = () => {}
    vi.advanceTimersByTime(50)
    expect(await flushed).toMatchObject({ complete: true })
  })

  it('is forgotten when a newer write of its key comes, and that one is not held back', async () => {
    const store = new MemoryStore<number>()
    store.refuse = (_, value) => {
      if (value === 1) throw new Error('not 1')
    }
    const writer = await open(store, { retry: { minDelay: '1h', maxDelay: '1h' } })
    await writer.save('a', 1)
    writer.flush()
    await until(() => writer.stats().paused === 1)
    await writer.save('a', 2)
    expect(await writer.flush()).toMatchObject({ complete: true, pending: 0 })
    expect(store.saved('a')).toEqual([1, 2])
  })

  it('is forgotten when a newer one came while it was at the store', async () => {
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => (store.calls.length === 1 ? held.opened : undefined)
    store.refuse = (_, value) => {
      if (value === 1) throw new Error('not 1')
    }
    const writer = await open(store, { retry: { attempts: 1 } })
    await writer.save('a', 1)
    writer.flush()
    await until(() => store.calls.length === 1)
    await writer.save('a', 2)
    held.open()
    expect(await writer.flush()).toEqual({ complete: true, pending: 0, dead: 0 })
    expect(store.saved('a')).toEqual([1, 2])
  })
})

describe('a batch that fails', () => {
  it('is tried one by one, so that a poisoned item holds up nobody', async () => {
    const store = new BatchStore<number>()
    store.refuse = poison('k3')
    const writer = await open(store, { retry: QUICK })
    await writer.saveMany(Array.from({ length: 9 }, (_, value) => ({ key: `k${value}`, value })))
    expect(await writer.flush()).toEqual({ complete: true, pending: 0, dead: 1 })
    expect(store.values.size).toBe(8)
    expect(store.batches).toEqual([9])
    expect(writer.stats()).toMatchObject({ saved: 8, failed: 3, retried: 2, deadLettered: 1 })
  })

  it('of removes is tried one by one too', async () => {
    const store = new BatchStore<number>()
    for (const key of ['a', 'b', 'c']) store.values.set(key, 1)
    store.refuse = poison('b')
    const writer = await open(store, { retry: QUICK })
    await writer.removeMany(['a', 'b', 'c'])
    await writer.flush()
    expect([...store.values.keys()]).toEqual(['b'])
    expect(await list(writer)).toMatchObject([{ key: 'b', kind: 'remove', attempts: 3 }])
  })

  it('because the store is away is not tried one by one to the end', async () => {
    const store = new BatchStore<number>()
    store.refuse = () => {
      throw new Error('away')
    }
    const writer = await open(store, { retry: { minDelay: '1h', maxDelay: '1h' } })
    await writer.saveMany(Array.from({ length: 50 }, (_, value) => ({ key: `k${value}`, value })))
    expect(await writer.flush({ timeout: 20 })).toMatchObject({ complete: false, pending: 50 })
    expect(store.calls).toHaveLength(5)
  })
})

describe('a poisoned write', () => {
  it('becomes a dead letter with its error, and an event', async () => {
    const store = new MemoryStore<unknown>()
    store.refuse = poison('a')
    const writer = await open(store, { retry: QUICK })
    const value = new Map([['x', new Date(5)]])
    await writer.save('a', value)
    await writer.save('b', 1)
    expect(await writer.flush()).toEqual({ complete: true, pending: 0, dead: 1 })
    const [letter] = await list(writer)
    expect(letter).toMatchObject({
      key: 'a',
      kind: 'save',
      value,
      attempts: 3,
      error: { name: 'Error', message: 'a is poisoned' },
    })
    expect(Math.abs(letter.at - Date.now())).toBeLessThan(60_000)
    expect(folder.host.told).toMatchObject([
      { name: 'dead-letter', event: { key: 'a', attempts: 3, error: new Error('a is poisoned') } },
    ])
    expect(writer.pendingValue('a')).toBeUndefined()
  })

  it('stays a dead letter for the next owner of the journal', async () => {
    const journal = folder.journal()
    const store = new MemoryStore<number>()
    store.refuse = poison('a')
    const writer = await open(store, { journal, retry: QUICK })
    await writer.save('a', 1)
    await writer.flush()
    await writer.close()
    const next = await open(new MemoryStore<number>(), { journal })
    expect(await list(next)).toMatchObject([{ key: 'a', value: 1, attempts: 3 }])
    expect(next.stats()).toMatchObject({ dead: 1, pending: 0 })
  })

  it('is saved when it is retried and the store takes it', async () => {
    const store = new MemoryStore<number>()
    store.refuse = poison('a')
    const writer = await open(store, { retry: QUICK })
    await writer.save('a', 1)
    await writer.flush()
    store.refuse = () => {}
    expect(await writer.retryDeadLetter('a')).toBe(true)
    expect(await writer.retryDeadLetter('a')).toBe(false)
    expect(writer.pendingValue('a')).toEqual({ kind: 'save', value: 1 })
    await writer.flush()
    expect(store.values.get('a')).toBe(1)
    expect(await list(writer)).toEqual([])
  })

  it('is gone when it is dropped', async () => {
    const store = new MemoryStore<number>()
    store.refuse = poison('a')
    const writer = await open(store, { retry: QUICK })
    await writer.save('a', 1)
    await writer.flush()
    expect(await writer.dropDeadLetter('a')).toBe(true)
    expect(await writer.dropDeadLetter('a')).toBe(false)
    expect(await list(writer)).toEqual([])
    expect(store.values.has('a')).toBe(false)
  })

  it('is no dead letter any more when a newer write of its key comes', async () => {
    const store = new MemoryStore<number>()
    store.refuse = (_, value) => {
      if (value === 1) throw new Error('not 1')
    }
    const writer = await open(store, { retry: QUICK })
    await writer.save('a', 1)
    await writer.flush()
    const both = [writer.save('a', 2), writer.retryDeadLetter('a')] as const
    expect(await Promise.all(both)).toEqual([undefined, false])
    await writer.flush()
    expect(await list(writer)).toEqual([])
    expect(store.values.get('a')).toBe(2)
  })
})
