/** The engine that counts: it computes what the engine does, and its counts are what was touched. */

import binaryen from 'assemblyscript/binaryen'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { Bank } from '../../bench/engine/bank.mjs'
// @ts-expect-error: plain JavaScript
import { countOperation } from '../../bench/engine/count-operation.mjs'
// @ts-expect-error: plain JavaScript
import { Footprint } from '../../bench/engine/footprint.mjs'
// @ts-expect-error: plain JavaScript
import { compileCountingEngine, instrument } from '../../bench/engine/instrument.mjs'

const SETTING = { policy: 'lru', entries: 2000, valueBytes: 16, calls: 200, seed: 1 }

interface Touched {
  address: number
  bytes: number
  isStore: boolean
}

/** Runs the exported `main` of a module in text; what it answered, and what it told. */
function trace(text: string): { answer: number; touched: Touched[]; instructions: number } {
  const module = binaryen.parseText(text)
  module.setFeatures(binaryen.Features.All)
  const bytes = instrument(module.emitBinary())
  module.dispose()
  const touched: Touched[] = []
  let instructions = 0
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    trace: {
      touch(address: number, offset: number, count: number, isStore: number) {
        touched.push({ address: address + offset, bytes: count, isStore: isStore === 1 })
        return address
      },
      count(more: number) {
        instructions += more
      },
    },
  })
  const { main } = instance.exports as unknown as { main(): number }
  return { answer: main(), touched, instructions }
}

describe('an instrumented module', () => {
  it('tells of every access with its address, bytes and direction, and answers the same', () => {
    const { answer, touched } = trace(`(module (memory 1) (func (export "main") (result i32)
      (i64.store offset=8 (i32.const 16) (i64.const 7))
      (i32.store8 (i32.const 100) (i32.const 3))
      (memory.copy (i32.const 200) (i32.const 24) (i32.const 8))
      (i32.add (i32.load (i32.const 200)) (i32.load8_u offset=4 (i32.const 96)))))`)
    expect(answer).toBe(10)
    expect(touched).toEqual([
      { address: 24, bytes: 8, isStore: true },
      { address: 100, bytes: 1, isStore: true },
      { address: 200, bytes: 8, isStore: true },
      { address: 24, bytes: 8, isStore: false },
      { address: 200, bytes: 4, isStore: false },
      { address: 100, bytes: 1, isStore: false },
    ])
  })

  it('counts the instructions that ran, in loops as often as they did', () => {
    const { answer, instructions } = trace(`(module (memory 1) (func (export "main") (result i32)
      (local $at i32)
      (loop $again
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $at) (i32.const 5))))
      (if (i32.eqz (local.get $at)) (then (i32.store (i32.const 0) (i32.mul (local.get $at) (i32.const 3)))))
      (local.get $at)))`)
    expect(answer).toBe(5)
    // Each turn: add, lt_u, br_if. Then: eqz, if.
    expect(instructions).toBe(5 * 3 + 2)
  })
})

describe('a footprint', () => {
  it('has a hit touch its own entry and the index, no stamp that nobody asks for, and write to its own area only', () => {
    const { regions, lines, coldLines } = countOperation({ ...SETTING, operation: 'miss' })
    expect(regions['own entry'].lines).toBe(0)
    const hit = countOperation({ ...SETTING, operation: 'hit', calls: 50 })
    expect(hit.regions['own entry'].lines).toBe(1)
    expect(hit.regions['own entry'].stores).toBe(0)
    expect(hit.regions.index.lines).toBeGreaterThanOrEqual(1)
    expect(hit.regions.stamps.lines).toBe(0)
    expect(hit.regions.thread.stores).toBe(hit.stores)
    expect(coldLines).toBeLessThan(lines)
  })

  it('is the same each time', () => {
    const count = (): unknown => countOperation({ ...SETTING, operation: 'overwrite' })
    expect(count()).toEqual(count())
  })

  it('counts a line as cold until it was touched, and again after 512 others', () => {
    const bank = new Bank({ maxBytes: 2 ** 21, policy: 'lru', valueBytes: 16, seed: 1 })
    const footprint = new Footprint(bank)
    const { touch } = footprint.imports.trace
    const lines = (first: number, count: number): void => {
      for (let line = first; line < first + count; line++) touch(line * 64, 0, 4, 0)
    }
    const coldLinesOf = (action: () => void): number => {
      footprint.call(action, () => 0, 1)
      return footprint.report().coldLines
    }
    expect(coldLinesOf(() => lines(16, 1))).toBe(1)
    footprint.warm(() => lines(17, 511))
    expect(coldLinesOf(() => lines(16, 1))).toBe(0.5)
    footprint.warm(() => lines(17, 512))
    expect(coldLinesOf(() => lines(16, 1))).toBe(2 / 3)
  })

  it('leaves the bank as the plain engine would', () => {
    const bank = new Bank({ maxBytes: 2 ** 22, policy: 'adaptive', valueBytes: 16, seed: 1 })
    const counting = bank.instantiate(compileCountingEngine(), new Footprint(bank).imports)
    for (let number = 0; number < 5000; number++) bank.set(number, counting)
    for (let number = 0; number < 5000; number++) expect(bank.get(number)).toBe(true)
    expect(bank.entries).toBe(5000)
    bank.verify()
  })
})
