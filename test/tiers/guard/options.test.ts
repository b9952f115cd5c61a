/** The options of a guard are looked at once, and wrong ones are named. */
import { expect, it } from 'vitest'
import { InvalidOptionError } from '../../../src/cache/errors.js'
import { type GuardOptions, resolveGuard } from '../../../src/tiers/guard/index.js'

it('has defaults for all options', () => {
  expect(resolveGuard()).toEqual({
    timeoutMs: 1000,
    scanTimeoutMs: 30_000,
    readRetries: 1,
    writeRetries: 2,
    backoffMs: 20,
    breakerFailures: 5,
    halfOpenAfterMs: 1000,
    maxRepairs: 100_000,
  })
})

it('does without retry and breaker', () => {
  expect(resolveGuard({ retry: false, breaker: false })).toMatchObject({
    readRetries: 0,
    writeRetries: 0,
    breakerFailures: undefined,
  })
  expect(resolveGuard({ retry: { attempts: 4 } })).toMatchObject({
    readRetries: 4,
    writeRetries: 4,
  })
})

it.each<[string, unknown]>([
  ['guard.timeout', { timeout: 0 }],
  ['guard.timeout', { timeout: '2d' }],
  ['guard.scanTimeout', { scanTimeout: 'soon' }],
  ['guard.retry', { retry: true }],
  ['guard.retry.attempts', { retry: { attempts: -1 } }],
  ['guard.retry.backoff', { retry: { backoff: {} } }],
  ['guard.retry.tries', { retry: { tries: 1 } }],
  ['guard.breaker', { breaker: 5 }],
  ['guard.breaker.failures', { breaker: { failures: 0 } }],
  ['guard.breaker.halfOpenAfter', { breaker: { halfOpenAfter: Number.NaN } }],
  ['guard.maxRepairs', { maxRepairs: 0.5 }],
  ['guard.timeouts', { timeouts: 1 }],
  ['guard', 7],
])('names %s where it is wrong: %j', (option, options) => {
  expect(() => resolveGuard(options as GuardOptions)).toThrow(InvalidOptionError)
  expect(() => resolveGuard(options as GuardOptions)).toThrow(`'${option}'`)
})
