/** Threads come to a cache and go again, in any order and number, and leave nothing behind. */
import { describe, expect, test } from 'vitest'
import {
  CONTROL_LAYOUT_VERSION,
  CONTROL_PTR,
  LAYOUT_VERSION,
  MAX_THREADS,
} from '../../assembly/constants.js'
import {
  CacheClosedError,
  type CacheHandle,
  InvalidOptionError,
  SharedCache,
  TooManyThreadsError,
} from '../../src/index.js'
import { usedHeapBytes } from '../../src/replay/heap.js'
import { ManualClock } from '../support/manual-clock.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const MIB = 1024 * 1024

/** What a handle has of a bank. */
interface Bank {
  memory: WebAssembly.Memory
  module: WebAssembly.Module
}

/** Large enough that all threads' areas fit: they are part of maxBytes. */
function createCache(): SharedCache<unknown> {
  return new SharedCache({ maxBytes: '64mb' })
}

function threadsOf(count: number, data: object): object[] {
  const control = createControl()
  return Array.from({ length: count }, (_, thread) => ({
    control,
    threads: count,
    thread,
    ...data,
  }))
}

describe('threads', () => {
  test('64 of them attached at once all write, and read what the others wrote', async () => {
    const cache = createCache()
    const { handle } = cache
    await runWorkers('attach-worker.mjs', threadsOf(16, { handle, part: 'many', attachments: 4 }))
    expect(cache.size).toBe(64)
    expect(cache.verify().ok).toBe(true)
  })

  test('go on when others close, the first one of all, and down to the last', async () => {
    const cache = createCache()
    const { handle } = cache
    cache.close()
    const threads = 4
    await runWorkers('attach-worker.mjs', threadsOf(threads, { handle, part: 'leaving' }))
    const later = SharedCache.attach<string>(handle)
    expect(later.size).toBe((500 * threads * (threads + 1)) / 2)
    expect(later.get('3: 3: 7')).toBe('x'.repeat(7))
    expect(() => cache.get('3: 3: 7')).toThrow(CacheClosedError)
  })

  test('of a thread attach by a handle that was passed on', async () => {
    const cache = createCache()
    cache.set('from the outermost', { some: 'value' })
    const { handle } = cache
    const found = await runWorkers('attach-worker.mjs', [{ handle, part: 'nested', depth: 2 }])
    expect(found).toEqual([{ some: 'value' }])
    expect(cache.get('from the innermost')).toEqual({ some: 'value' })
  })

  test('that come and go one after the other are all served, and leave no slot taken', async () => {
    const cache = createCache()
    const { handle } = cache
    const visits: number[] = []
    for (let round = 0; round < 10; round++) {
      visits.push(
        ...(await runWorkers<number>('attach-worker.mjs', threadsOf(4, { handle, part: 'brief' }))),
      )
    }
    expect(visits.sort((one, other) => one - other)).toEqual(
      Array.from(visits, (_, index) => index + 1),
    )
    expect(attachAll(handle)).toHaveLength(MAX_THREADS - 1)
  })
})

/** As many attachments as there is room for. */
function attachAll(handle: CacheHandle): SharedCache[] {
  const attached: SharedCache[] = []
  try {
    for (;;) attached.push(SharedCache.attach(handle))
  } catch (error) {
    expect(error).toBeInstanceOf(TooManyThreadsError)
  }
  return attached
}

describe('attaching', () => {
  test('10,000 times leaks neither slots, nor bytes of the cache, nor memory', async () => {
    const cache = createCache()
    const { handle } = cache
    const attachAndClose = (times: number): void => {
      for (let time = 0; time < times; time++) {
        const attached = SharedCache.attach(handle)
        attached.set('key', time)
        expect(attached.get('key')).toBe(time)
        attached.close()
      }
    }
    // Why so many: on Node 24 the process grows until then, and not at all any more afterwards.
    attachAndClose(6000)
    const { bytes } = cache.stats()
    await usedHeapBytes()
    const residentBytes = process.memoryUsage.rss()
    attachAndClose(4000)
    expect(cache.stats().bytes).toBe(bytes)
    // Collects garbage, so that what is left is kept by something.
    await usedHeapBytes()
    // A leak would be felt: each attachment has an instance of the engine, of 10 KiB or more.
    expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(32 * MIB)
    expect(SharedCache.attach(handle).get('key')).toBe(3999)
    expect(cache.stats().hits).toBe(10_001)
  })

  test.each([
    ['one bank', '64mb'],
    ['two banks', '5gb'],
  ])('more often than there are slots is refused, until one is closed: %s', (_, maxBytes) => {
    const cache = new SharedCache({ maxBytes, name: 'crowded' })
    const attached = attachAll(cache.handle)
    expect(attached).toHaveLength(MAX_THREADS - 1)
    expect(() => SharedCache.attach(cache.handle)).toThrow(
      expect.objectContaining({ cache: 'crowded', limit: MAX_THREADS }),
    )
    attached[5].close()
    const late = SharedCache.attach(cache.handle)
    expect(late.set('key', 1)).toBe(true)
    expect(cache.get('key')).toBe(1)
    expect(() => SharedCache.attach(cache.handle)).toThrow(TooManyThreadsError)
  })

  test('to a cache too small for so many is refused sooner, and leaves it in order', () => {
    const cache = new SharedCache({ maxBytes: '4mb' })
    for (let index = 0; index < 10_000; index++) cache.set(`key ${index}`, 'x'.repeat(500))
    const attached = attachAll(cache.handle)
    expect(attached.length).toBeGreaterThan(10)
    expect(attached.length).toBeLessThan(MAX_THREADS - 1)
    expect(() => SharedCache.attach(cache.handle)).toThrow(
      expect.objectContaining({ limit: attached.length + 1 }),
    )
    expect(() => SharedCache.attach(cache.handle)).toThrow(/152 KiB of maxBytes/)
    expect(cache.bytes).toBeLessThanOrEqual(4 * MIB)
    expect(attached[0].set('key', 'value')).toBe(true)
    expect(cache.get('key')).toBe('value')
    for (const one of attached) one.close()
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
    expect(attachAll(cache.handle)).toHaveLength(attached.length)
  })

  test('closing twice frees one slot, and not the one of who came after', () => {
    const cache = createCache()
    const first = SharedCache.attach(cache.handle)
    first.close()
    const second = SharedCache.attach(cache.handle)
    first.close()
    const third = SharedCache.attach(cache.handle)
    second.set('of the second', 1)
    third.set('of the third', 2)
    expect([second.get('of the third'), third.get('of the second')]).toEqual([2, 1])
    expect(attachAll(cache.handle)).toHaveLength(MAX_THREADS - 3)
  })
})

describe('a handle', () => {
  const refused = (handle: unknown, option: string): void => {
    expect(() => SharedCache.attach(handle as CacheHandle)).toThrow(InvalidOptionError)
    expect(() => SharedCache.attach(handle as CacheHandle)).toThrow(
      expect.objectContaining({ option }),
    )
  }

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'handle'],
    ['an empty object', {}],
    ['options of a cache', { maxBytes: '1mb' }],
  ])('that is none is refused: %s', (_, handle) => {
    refused(handle, 'handle')
  })

  test('that is the cache itself is refused', () => {
    refused(createCache(), 'handle')
  })

  test('of another version of hotset is refused by name, with both versions in the message', () => {
    const { handle } = createCache()
    const other = { ...handle, layoutVersion: LAYOUT_VERSION + 1 }
    refused(other, 'handle.layoutVersion')
    expect(() => SharedCache.attach(other)).toThrow(
      `Option 'handle.layoutVersion' cannot be ${LAYOUT_VERSION + 1}; allowed: ${LAYOUT_VERSION}`,
    )
  })

  test('of a memory that another version of hotset has formatted, or nobody, is refused', () => {
    const { handle } = createCache()
    const [{ memory, module }] = handle.engines as unknown as Bank[]
    const copy = new WebAssembly.Memory({ initial: 320, maximum: 320, shared: true })
    new Uint8Array(copy.buffer, 0, 2048).set(new Uint8Array(memory.buffer, 0, 2048))
    const words = new Int32Array(copy.buffer)
    words[(CONTROL_PTR + CONTROL_LAYOUT_VERSION) >>> 2] = LAYOUT_VERSION + 1
    refused({ ...handle, engines: [{ memory: copy, module }] }, 'handle.layoutVersion')
    words.fill(0)
    refused({ ...handle, engines: [{ memory: copy, module }] }, 'handle.layoutVersion')
  })

  test('leaves no slot taken where it is refused', () => {
    const cache = createCache()
    for (let time = 0; time < 2 * MAX_THREADS; time++) {
      refused({ ...cache.handle, layoutVersion: 0 }, 'handle.layoutVersion')
      const options = { codec: { encode: () => new Uint8Array(1), decode: () => 1 } }
      expect(() => SharedCache.attach(cache.handle, options)).toThrow(InvalidOptionError)
    }
    expect(attachAll(cache.handle)).toHaveLength(MAX_THREADS - 1)
  })

  test('of a closed cache cannot be asked for; one asked for before still serves', () => {
    const cache = createCache()
    const { handle } = cache
    cache.set('key', 1)
    cache.close()
    expect(() => cache.handle).toThrow(CacheClosedError)
    expect(SharedCache.attach(handle).get('key')).toBe(1)
  })
})

describe('the options of who attaches', () => {
  const reversed = {
    encode: (value: string) => Buffer.from(value, 'utf8').reverse(),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).reverse().toString('utf8'),
  }

  test('are a codec where the cache has one of its own, and only there', () => {
    const { handle } = new SharedCache<string>({ maxBytes: '1mb', codec: reversed })
    const attached = SharedCache.attach<string>(handle, { codec: reversed })
    attached.set('key', 'välue')
    expect(SharedCache.attach<string>(handle, { codec: reversed }).get('key')).toBe('välue')
    expect(() => SharedCache.attach(handle)).toThrow(
      /'codec' cannot be undefined; allowed: the \{ encode/,
    )
    const plain = new SharedCache<string>({ maxBytes: '1mb', codec: 'json' })
    expect(() => SharedCache.attach(plain.handle, { codec: reversed })).toThrow(/codec 'json'/)
    expect(SharedCache.attach(plain.handle).set('key', 'value')).toBe(true)
  })

  test('are a clock where the cache has one of its own, and only there', () => {
    const clock = new ManualClock()
    const cache = new SharedCache({ maxBytes: '1mb', clock, ttl: 100 })
    clock.advance(5000)
    const attached = SharedCache.attach(cache.handle, { clock })
    attached.set('key', 1)
    expect(cache.info('key')?.expiresAt).toBe(clock.now() + 100)
    expect(attached.info('key')?.createdAt).toBe(clock.now())
    clock.advance(100)
    expect([cache.get('key'), attached.get('key')]).toEqual([undefined, undefined])
    expect(() => SharedCache.attach(cache.handle)).toThrow(/'clock' cannot be undefined/)
    expect(() => SharedCache.attach(createCache().handle, { clock })).toThrow(
      /'clock' cannot be .*default clock/,
    )
  })

  test('are a near cache of its own, or none', () => {
    const cache = new SharedCache<object>({ maxBytes: '1mb', near: false })
    cache.set('key', {})
    const near = SharedCache.attach<object>(cache.handle, { near: { maxEntries: 10 } })
    for (let hit = 0; hit < 3; hit++) {
      near.get('key')
      near.set('other', {})
    }
    expect(near.get('key')).toBe(near.get('key'))
    expect(cache.get('key')).not.toBe(cache.get('key'))
  })

  test('are none that belong to the whole cache, nor unknown ones', () => {
    const { handle } = createCache()
    expect(() => SharedCache.attach(handle, { maxBytes: '1mb' } as object)).toThrow(
      InvalidOptionError,
    )
    expect(() => SharedCache.attach(handle, { onremove() {} } as object)).toThrow(
      /did you mean 'onRemove'/,
    )
  })

  test('leave the rest as the cache was created', () => {
    const clock = new ManualClock()
    const cache = new SharedCache({
      maxBytes: '1mb',
      ttl: 100,
      name: 'named',
      maxEntryBytes: 1000,
      clock,
    })
    const attached = SharedCache.attach(cache.handle, { clock })
    expect(attached.name).toBe('named')
    expect(attached.stats()).toMatchObject({ name: 'named', maxBytes: MIB })
    expect(attached.set('key', 'x'.repeat(2000))).toBe(false)
    attached.set('key', 'value')
    expect(cache.info('key')?.remainingTtl).toBe(100)
  })
})
