/** Handles that did not come through as they were sent: each is refused by the name of what is wrong. */
import { describe, expect, test } from 'vitest'
import { MAX_THREADS } from '../../assembly/constants.js'
import { type CacheHandle, InvalidOptionError, SharedCache } from '../../src/index.js'

const cache = new SharedCache({ maxBytes: '64mb' })
const { handle } = cache

/** What a handle has of a bank. */
interface Bank {
  memory: WebAssembly.Memory
  module: WebAssembly.Module
}

const [{ memory, module }] = handle.engines as unknown as Bank[]
const OTHER_MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
}

/** The beginning of the memory, in one of another size. */
function truncatedMemory(): WebAssembly.Memory {
  const pages = Math.floor(memory.buffer.byteLength / 65536) - 1
  const copy = createMemory(pages, true)
  new Uint8Array(copy.buffer).set(new Uint8Array(memory.buffer, 0, 4096))
  return copy
}

const spoilt: [what: string, option: string, changes: object][] = [
  ['no engines', 'handle.engines', { engines: undefined }],
  ['null for engines', 'handle.engines', { engines: null }],
  ['an empty list of engines', 'handle.engines', { engines: [] }],
  ['engines that are no list', 'handle.engines', { engines: { 0: { memory, module }, length: 1 } }],
  [
    'more engines than it has',
    'handle.engines',
    { engines: [...handle.engines, ...handle.engines] },
  ],
  ['an engine that is null', 'handle.engines[0]', { engines: [null] }],
  ['a list with a hole', 'handle.engines[0]', { engines: new Array(1) }],
  ['an engine that is text', 'handle.engines[0]', { engines: ['engine'] }],
  ['an engine without memory', 'handle.engines[0].memory', { engines: [{ module }] }],
  ['an empty object for memory', 'handle.engines[0].memory', { engines: [{ memory: {}, module }] }],
  [
    'the bare buffer for memory',
    'handle.engines[0].memory',
    { engines: [{ memory: memory.buffer, module }] },
  ],
  [
    'a copy by hand of the memory',
    'handle.engines[0].memory',
    { engines: [{ memory: { buffer: memory.buffer }, module }] },
  ],
  [
    'a memory that is not shared',
    'handle.engines[0].memory',
    { engines: [{ memory: createMemory(400, false), module }] },
  ],
  [
    'a memory without a page',
    'handle.engines[0].memory',
    { engines: [{ memory: createMemory(0, true), module }] },
  ],
  [
    'a tiny memory',
    'handle.engines[0].memory',
    { engines: [{ memory: createMemory(1, true), module }] },
  ],
  [
    'a memory that lacks its end',
    'handle.engines[0].memory',
    { engines: [{ memory: truncatedMemory(), module }] },
  ],
  ['an engine without a module', 'handle.engines[0].module', { engines: [{ memory }] }],
  [
    'an empty object for a module',
    'handle.engines[0].module',
    { engines: [{ memory, module: {} }] },
  ],
  [
    'a module of something else',
    'handle.engines[0].module',
    { engines: [{ memory, module: OTHER_MODULE }] },
  ],
  ['no epoch', 'handle.epoch', { epoch: undefined }],
  ['null for its epoch', 'handle.epoch', { epoch: null }],
  ['half an epoch', 'handle.epoch', { epoch: { start: 1 } }],
  ['an epoch that is no time', 'handle.epoch', { epoch: { start: Number.NaN, monotonicStart: 1 } }],
  ['no options', 'handle.options', { options: undefined }],
  ['null for options', 'handle.options', { options: null }],
  ['options of a new cache', 'handle.options.maxBytes', { options: { maxBytes: '64mb' } }],
  ['a layout version as text', 'handle.layoutVersion', { layoutVersion: '2' }],
  ['another kind', 'handle', { kind: 'hotset' }],
]

const wrongOptions: [option: string, value: unknown][] = [
  ['maxEntries', -1],
  ['maxEntryBytes', 0],
  ['policy', 'best'],
  ['ttlMs', '5m'],
  ['ttlJitter', 2],
  ['sliding', undefined],
  ['codec', 'none'],
  ['nearMaxEntries', 0.5],
  ['shards', 65],
  ['lockTimeoutMs', Number.NaN],
  ['name', 7],
  ['hasClock', 1],
]

function expectRefusal(changed: unknown, option: string): void {
  const attach = (): unknown => SharedCache.attach(changed as CacheHandle)
  expect(attach).toThrow(InvalidOptionError)
  expect(attach).toThrow(expect.objectContaining({ option }))
  expect(cache.stats().threads).toBe(1)
}

describe('a handle is refused by name', () => {
  test.each(spoilt)('with %s', (_, option, changes) => {
    expectRefusal({ ...handle, ...changes }, option)
  })

  test.each(wrongOptions)('with a wrong value for option %s', (name, value) => {
    const options = { ...handle.options, [name]: value }
    expectRefusal({ ...handle, options }, `handle.options.${name}`)
  })

  test('that went through JSON', () => {
    expectRefusal(JSON.parse(JSON.stringify(handle)), 'handle.engines[0].memory')
  })

  test('where one of two memories is spoilt, and nothing is attached to the other', () => {
    const large = new SharedCache({ maxBytes: '5gb' })
    const [first, second] = large.handle.engines
    const changed = { ...large.handle, engines: [first, { ...second, module: undefined }] }
    expect(() => SharedCache.attach(changed as unknown as CacheHandle)).toThrow(
      expect.objectContaining({ option: 'handle.engines[1].module' }),
    )
    expect(() => SharedCache.attach({ ...large.handle, engines: [first] })).toThrow(
      expect.objectContaining({ option: 'handle.engines' }),
    )
    expect(large.stats().threads).toBe(1)
    large.close()
  })
})

test('a handle that was cloned serves as often as there is room, also after all those refusals', () => {
  const attached = Array.from({ length: MAX_THREADS - 1 }, () =>
    SharedCache.attach({ ...handle, options: structuredClone(handle.options) }),
  )
  expect(cache.stats().threads).toBe(MAX_THREADS)
  for (const one of attached) one.close()
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
})
