/** Encrypted payloads: who lacks the key reads and changes nothing, and keys can be rotated. */
import { createDecipheriv } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { codecOf, ENCRYPTION, KEY_ONE, KEY_TWO, reasonOf, textOf } from './payload-helpers.js'

const one = codecOf({ encryption: ENCRYPTION })
const rotated = codecOf({ encryption: { keys: { one: KEY_ONE, two: KEY_TWO }, current: 'two' } })
const two = codecOf({ encryption: { keys: { two: KEY_TWO }, current: 'two' } })
const secret = { type: 1, bytes: Buffer.from('a secret that nobody sees') }

describe('an encrypted payload', () => {
  it('shows nothing of its value, and never the same bytes twice', async () => {
    const payloads = await Promise.all(Array.from({ length: 600 }, () => one.seal('k', secret)))
    const texts = payloads.map((payload) => Buffer.from(payload).toString('latin1'))
    expect(texts.filter((text) => text.includes('secret'))).toEqual([])
    const nonces = texts.map((text) => text.slice(8 + 'one'.length, 8 + 'one'.length + 12))
    expect(new Set(nonces).size).toBe(texts.length)
  })

  it('is AES-256-GCM over the value, bound to the head and the key', async () => {
    const payload = Buffer.from(await one.seal('ключ', secret))
    const head = payload.subarray(0, 8 + 'one'.length)
    const sealed = payload.subarray(head.length)
    const decipher = createDecipheriv('aes-256-gcm', KEY_ONE, sealed.subarray(0, 12))
    decipher.setAAD(Buffer.concat([head, Buffer.from('ключ', 'utf16le')]))
    decipher.setAuthTag(sealed.subarray(-16))
    const bytes = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
    expect(bytes).toEqual(secret.bytes)
  })

  it('opens under no other key than its own', async () => {
    const payload = await one.seal('user:1', secret)
    expect(await reasonOf(one, 'user:1', payload)).toBe('opened')
    for (const other of ['user:2', 'user:', 'user:1 ', '']) {
      expect(await reasonOf(one, other, payload)).toBe('authentication')
    }
    const lone = await one.seal('\ud800', secret)
    expect(await reasonOf(one, '\ud801', lone)).toBe('authentication')
  })

  it('with a byte changed is refused by its tag', async () => {
    const payload = await one.seal('k', secret)
    const isOfKeyId = (at: number) => at === 3 || (at >= 8 && at < 8 + 'one'.length)
    // The version has a reason of its own, and so has the key's id.
    for (let at = 1; at < payload.length; at++) {
      const changed = Buffer.from(payload)
      changed[at] ^= 1
      const reason = isOfKeyId(at) ? 'unknown-key-id' : 'authentication'
      expect(await reasonOf(one, 'k', changed)).toBe(reason)
    }
  })

  it('with another id of a known key is refused', async () => {
    const payload = Buffer.from(await rotated.seal('k', secret))
    payload.write('one', 8)
    expect(await reasonOf(rotated, 'k', payload)).toBe('authentication')
  })

  it('is compressed first', async () => {
    const payload = await one.seal('k', textOf(50_000))
    expect(payload.length).toBeLessThan(20_000)
    expect(await one.open('k', payload)).toEqual(textOf(50_000))
  })
})

describe('rotation', () => {
  it('reads what an old key wrote, and writes with the current one', async () => {
    expect(await rotated.open('k', await one.seal('k', secret))).toEqual(secret)
    const written = await rotated.seal('k', secret)
    expect(await two.open('k', written)).toEqual(secret)
    expect(await reasonOf(one, 'k', written)).toBe('unknown-key-id')
  })

  it('makes what a removed key wrote a miss', async () => {
    expect(await reasonOf(two, 'k', await one.seal('k', secret))).toBe('unknown-key-id')
  })

  it('tells another key under the same id', async () => {
    const other = codecOf({ encryption: { keys: { one: KEY_TWO }, current: 'one' } })
    expect(await reasonOf(other, 'k', await one.seal('k', secret))).toBe('authentication')
  })
})

describe('a codec with keys', () => {
  it('refuses what is not encrypted', async () => {
    const plain = await codecOf().seal('k', secret)
    expect(await reasonOf(one, 'k', plain)).toBe('authentication')
  })

  it('writes what one without keys cannot read', async () => {
    expect(await reasonOf(codecOf(), 'k', await one.seal('k', secret))).toBe('unknown-key-id')
  })

  it('shows none of them when it is inspected', () => {
    const shown = inspect(one, { showHidden: true, depth: 10 }) + JSON.stringify(one)
    expect(shown).not.toContain(KEY_ONE.toString())
    expect(shown).not.toContain(KEY_ONE.toString('hex'))
    expect(shown).not.toContain([...KEY_ONE].slice(0, 8).join(', '))
  })
})
