/**
 * Keys that the engine takes out of JavaScript's strings itself. Where the runtime has no calls for that built in
 * (Node 20), it makes those of src/engine/instance.ts: slower, but the same to these tests.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GET_COUNTED, GET_PEEK, STATUS_MISS, TEXT_IS_WIDE } from '../../assembly/constants.js'
import { readsStrings } from '../../src/engine/module.js'
import { BUILDS } from '../support/engine-builds.js'
import { Bank } from './verify-bank.js'

const KIB = 1024
const MAX_CHARS = 48
/** Of those between, later ones have the calls built in. */
const NODE_WITHOUT_BUILTINS = 20
const NODE_WITH_BUILTINS = 24
const VALUE = Buffer.from('value')

function bankOf(build: (typeof BUILDS)[number]): Bank {
  return new Bank({ build, policy: 'lru', shardCount: 1, maxBytes: 4096 * KIB, seed: 1 })
}

function getByText(bank: Bank, key: string): number {
  return bank.engine.exports.getByText(key, key.length, GET_PEEK)
}

/** Strings of JavaScript are made in many ways: joined, cut out of others, held by others. */
function formsOf(key: string): string[] {
  const half = key.length >> 1
  return [key, key.slice(0, half) + key.slice(half), `<${key}>`.slice(1, -1), [...key].join('')]
}

describe.each(BUILDS)('the engine, %s build, by text', (build) => {
  test('finds keys of every length and every Latin-1 character, however the string came about', () => {
    const bank = bankOf(build)
    for (let chars = 0; chars <= MAX_CHARS; chars++) {
      const codes = Array.from({ length: chars }, (_, index) => (chars * 37 + index * 101) % 256)
      const key = String.fromCharCode(...codes)
      expect(getByText(bank, key)).toBe(STATUS_MISS)
      bank.set(key, VALUE, { type: 7 })
      for (const form of formsOf(key)) expect(getByText(bank, form)).toBe(7)
    }
    for (let code = 0; code < 256; code++) {
      const key = String.fromCharCode(code)
      bank.set(key, VALUE, { type: 9 })
      expect(getByText(bank, key)).toBe(9)
    }
    expect(bank.broken()).toEqual([])
  })

  test('tells wide keys apart from all that it stages, and takes them for no other key', () => {
    const bank = bankOf(build)
    // Its low bytes are those of the wide key.
    bank.set('A'.repeat(20), VALUE)
    for (let at = 0; at < 20; at++) {
      const key = `${'A'.repeat(at)}\u0141${'A'.repeat(19 - at)}`
      expect(getByText(bank, key)).toBe(TEXT_IS_WIDE)
      expect(bank.engine.get(key, GET_PEEK)).toBe(STATUS_MISS)
    }
    expect(getByText(bank, '\ud800')).toBe(TEXT_IS_WIDE)
  })

  test('answers as for a staged key, whatever the string', () => {
    const bank = bankOf(build)
    const key = fc.string({ unit: 'binary', maxLength: MAX_CHARS })
    fc.assert(
      fc.property(key, fc.boolean(), (text, isSet) => {
        if (isSet) bank.set(text, VALUE, { type: 5 })
        const staged = bank.get(text, GET_PEEK)?.type ?? STATUS_MISS
        const found = getByText(bank, text)
        if (found !== TEXT_IS_WIDE) expect(found).toBe(staged)
        expect(found === TEXT_IS_WIDE).toBe(/[^\0-\xff]/.test(text))
        expect(bank.engine.get(text, GET_COUNTED)).toBe(staged)
        expect(bank.engine.key.wide).toBe(found === TEXT_IS_WIDE ? 1 : 0)
      }),
    )
  })
})

test('strings are read without a call from Node 24 on, and not by the engine on Node 20', () => {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= NODE_WITH_BUILTINS) expect(readsStrings()).toBe(true)
  else if (major <= NODE_WITHOUT_BUILTINS) expect(readsStrings()).toBe(false)
  else expect(readsStrings()).toBeTypeOf('boolean')
})
