/** Random bytes from the system's file, and from node:crypto where that cannot be read. */
import fs from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRandomSeed } from '../../src/engine/random-seed.js'

const BYTES = 32

function isFilled(seed: Uint8Array): boolean {
  return seed.length === BYTES && seed.some((byte) => byte !== 0)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a seed', () => {
  it('is another one each time', () => {
    const [one, other] = [createRandomSeed(BYTES), createRandomSeed(BYTES)]
    expect([isFilled(one), isFilled(other)]).toEqual([true, true])
    expect(one).not.toEqual(other)
  })

  it('is as random where the file cannot be opened', () => {
    const open = vi.spyOn(fs, 'openSync').mockImplementation(() => {
      throw new Error('EACCES')
    })
    const [one, other] = [createRandomSeed(BYTES), createRandomSeed(BYTES)]
    expect(open).toHaveBeenCalledTimes(process.platform === 'win32' ? 0 : 2)
    expect([isFilled(one), isFilled(other)]).toEqual([true, true])
    expect(one).not.toEqual(other)
  })

  it('is filled to its end where the file gives less', () => {
    vi.spyOn(fs, 'readSync').mockImplementation((_file, target) => {
      ;(target as Uint8Array)[0] = 1
      return 1
    })
    const seed = createRandomSeed(BYTES)
    expect(seed.subarray(1).some((byte) => byte !== 0)).toBe(true)
  })

  it('leaves no file open', () => {
    const open = vi.spyOn(fs, 'openSync')
    const close = vi.spyOn(fs, 'closeSync')
    createRandomSeed(BYTES)
    expect(close.mock.calls).toEqual(open.mock.results.map(({ value }) => [value]))
  })
})
