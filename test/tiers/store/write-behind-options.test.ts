/** The options of writeBehind: their defaults, and what is refused. */
import { expect, it } from 'vitest'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import { resolveWriteBehindOptions } from '../../../src/tiers/store/write-behind-options.js'
import { MemoryStore } from './store-helpers.js'

it('have the defaults that the docs say', () => {
  expect(resolveWriteBehindOptions({ journal: '/j' })).toMatchObject({
    journal: '/j',
    flushSize: 100,
    flushIntervalMs: 1_000,
    maxPending: 100_000,
    maxBytes: 256 * 1024 * 1024,
    onFull: 'wait',
    fullTimeoutMs: 10_000,
    concurrency: 4,
    closeTimeoutMs: 5_000,
    retry: { attempts: 10, minDelayMs: 100, maxDelayMs: 30_000 },
  })
})

it.each([
  ['journal', { journal: '' }],
  ['flushSize', { flushSize: 0 }],
  ['flushInterval', { flushInterval: 'soon' }],
  ['maxPending', { maxPending: 1.5 }],
  ['maxBytes', { maxBytes: -1 }],
  ['onFull', { onFull: 'drop' }],
  ['concurrency', { concurrency: 0 }],
  ['retry.attempts', { retry: { attempts: 0 } }],
  ['retry.minDelay', { retry: { minDelay: '2s', maxDelay: '1s' } }],
  ['retry.tries', { retry: { tries: 1 } }],
  ['decode', { encode: () => new Uint8Array() }],
  ['flushsize', { flushsize: 1 }],
])('are refused where %s is wrong', (option, wrong) => {
  expect(() => writeBehind(new MemoryStore(), { journal: '/j', ...wrong } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
  )
})
