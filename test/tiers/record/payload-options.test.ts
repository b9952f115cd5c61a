/** The options of payloads: what is wrong is named, and of keys nothing is shown. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../../src/cache/errors.js'
import { knownAlgorithms } from '../../../src/tiers/record/compression.js'
import { type PayloadOptions, resolvePayload } from '../../../src/tiers/record/payload-options.js'
import { codecOf, KEY_ONE, textOf } from './payload-helpers.js'

function errorOf(options: unknown): InvalidOptionError {
  try {
    resolvePayload(options as PayloadOptions)
  } catch (error) {
    if (error instanceof InvalidOptionError) return error
    throw error
  }
  throw new Error(`${inspect(options)} was taken`)
}

describe('compression', () => {
  it.each([
    [true, 'compression'],
    ['gzip', 'compression'],
    [{ algorithm: 'lz4' }, 'compression.algorithm'],
    [{ threshold: '1 potato' }, 'compression.threshold'],
    [{ threshold: -1 }, 'compression.threshold'],
    [{ level: 10 }, 'compression.level'],
    [{ algorithm: 'gzip', level: 0 }, 'compression.level'],
    [{ algorithm: 'brotli', level: 12 }, 'compression.level'],
    [{ algorithm: 'brotli', level: 1.5 }, 'compression.level'],
    [{ treshold: 100 }, 'compression.treshold'],
  ])('cannot be %j', (compression, option) => {
    expect(errorOf({ compression }).option).toBe(option)
  })

  it('is by the best that this Node has', () => {
    const { compression } = resolvePayload()
    const best = { threshold: '4kb', algorithm: knownAlgorithms()[0] }
    expect(compression).toEqual(resolvePayload({ compression: best }).compression)
    expect(resolvePayload({ compression: false }).compression).toBeUndefined()
  })

  it('is closer at a higher level', async () => {
    for (const algorithm of knownAlgorithms()) {
      const [low, high] = await Promise.all(
        [1, 9].map((level) =>
          codecOf({ compression: { algorithm, level } }).seal('k', textOf(60_000)),
        ),
      )
      expect(high.length).toBeLessThan(low.length)
    }
  })
})

describe('encryption', () => {
  const hex = KEY_ONE.toString('hex')
  const base64 = KEY_ONE.toString('base64')

  it.each([
    ['bytes', KEY_ONE],
    ['a Uint8Array', new Uint8Array(KEY_ONE)],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['base64', base64],
    ['base64 without padding', base64.replace('=', '')],
    ['base64url', KEY_ONE.toString('base64url')],
    ['base64 from a file', `${base64}\n`],
  ])('takes a key as %s', async (_name, key) => {
    const codec = codecOf({ encryption: { keys: { a: key }, current: 'a' } })
    const same = codecOf({ encryption: { keys: { a: KEY_ONE }, current: 'a' } })
    expect(await same.open('k', await codec.seal('k', textOf(10)))).toEqual(textOf(10))
  })

  it.each([
    ['31 bytes', KEY_ONE.subarray(1)],
    ['33 bytes', Buffer.concat([KEY_ONE, Buffer.of(1)])],
    ['hex of 31 bytes', hex.slice(2)],
    ['base64 of 33 bytes', Buffer.concat([KEY_ONE, Buffer.of(1)]).toString('base64')],
    ['a passphrase', 'correct horse battery staple'],
    ['an empty text', ''],
    ['nothing', undefined],
    ['words', new Uint32Array(8)],
  ])('refuses a key of %s', (_name, key) => {
    const error = errorOf({ encryption: { keys: { good: KEY_ONE, bad: key }, current: 'good' } })
    expect(error.option).toBe('encryption.keys.bad')
    expect(error.allowed).toContain('32 bytes')
  })

  it.each([
    [base64, 'encryption'],
    [{ key: base64 }, 'encryption.key'],
    [{ keys: base64, current: 'a' }, 'encryption.keys'],
    [{ keys: KEY_ONE, current: 'a' }, 'encryption.keys'],
    [{ keys: [base64], current: '0' }, 'encryption.keys'],
    [{ keys: {}, current: 'a' }, 'encryption.current'],
    [{ keys: { a: base64 } }, 'encryption.current'],
    [{ keys: { a: base64 }, current: base64 }, 'encryption.current'],
    [{ keys: { a: base64 }, current: 'toString' }, 'encryption.current'],
    [{ keys: { a: `${base64}x` }, current: 'a' }, 'encryption.keys.a'],
    [{ keys: { '': base64 }, current: '' }, 'encryption.keys'],
    [{ keys: { ['i'.repeat(256)]: base64 }, current: 'i'.repeat(256) }, 'encryption.keys'],
    [{ keys: { '\ud800': base64 }, current: '\ud800' }, 'encryption.keys'],
  ])('names what is wrong and shows no key (%#)', (encryption, option) => {
    const error = errorOf({ encryption })
    expect(error.option).toBe(option)
    const shown = inspect(error, { showHidden: true, depth: 10 }) + JSON.stringify(error)
    expect(shown).not.toContain(base64.slice(0, 12))
    expect(shown).not.toContain([...KEY_ONE].slice(0, 6).join(', '))
  })

  it('takes ids of up to 255 bytes', async () => {
    const id = 'ж'.repeat(127)
    const codec = codecOf({ encryption: { keys: { [id]: KEY_ONE }, current: id } })
    expect(await codec.open('k', await codec.seal('k', textOf(10)))).toEqual(textOf(10))
  })
})
