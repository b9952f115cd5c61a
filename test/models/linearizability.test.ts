/** The checker of histories, held against histories with and without an order, and against trying all orders. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkProperty } from '../support/check-property.js'
import { Random } from '../support/random.js'
import { hasOrder, recordHistory } from '../support/recorded-history.js'
import { describeViolation } from './history-report.js'
import { type CheckOptions, checkHistory } from './linearizability.js'
import { ABSENT, type Operation, type OperationKind } from './shared-key.js'

type Outcome = Partial<Pick<Operation, 'argument' | 'expectedVersion' | 'result'>>

const NEVER = Number.POSITIVE_INFINITY

function operation(
  kind: OperationKind,
  thread: number,
  [invokedAt, respondedAt]: readonly [number, number],
  outcome: Outcome,
): Operation {
  return {
    kind,
    thread,
    invokedAt,
    respondedAt,
    argument: 0,
    expectedVersion: 0,
    result: 1,
    ...outcome,
  }
}

type Times = readonly [number, number]
const get = (thread: number, times: Times, result: number): Operation =>
  operation('get', thread, times, { result })
const set = (thread: number, times: Times, argument: number): Operation =>
  operation('set', thread, times, { argument })
const add = (thread: number, times: Times, argument: number, result = 1): Operation =>
  operation('add', thread, times, { argument, result })
const remove = (thread: number, times: Times, result = 1): Operation =>
  operation('delete', thread, times, { result })
const take = (thread: number, times: Times, result: number): Operation =>
  operation('take', thread, times, { result })
const version = (thread: number, times: Times, result: number): Operation =>
  operation('version', thread, times, { result })
const swap = (thread: number, times: Times, expected: number, argument: number, result = 1) =>
  operation('compareAndSet', thread, times, { expectedVersion: expected, argument, result })
const increment = (thread: number, times: Times, argument: number, result: number): Operation =>
  operation('increment', thread, times, { argument, result })

const legal: [string, Operation[], CheckOptions?][] = [
  ['nothing', []],
  ['a miss at first', [get(0, [1, 2], ABSENT)]],
  ['a value read after it was set', [set(0, [1, 2], 7), get(1, [3, 4], 7)]],
  [
    'an old and a new value read while it is being set',
    [set(0, [1, 2], 7), set(0, [3, 9], 8), get(1, [4, 5], 7), get(2, [6, 7], 8)],
  ],
  [
    'two reads in either order, both under way',
    [set(0, [1, 9], 7), get(1, [2, 6], 7), get(2, [3, 5], ABSENT)],
  ],
  ['a set over a set at the same time', [set(0, [1, 5], 7), set(1, [2, 6], 8), get(0, [7, 8], 7)]],
  ['beginnings at the time of ends', [set(0, [1, 2], 7), set(0, [3, 4], 8), get(1, [4, 5], 7)]],
  ['a value taken once', [set(0, [1, 2], 7), take(1, [3, 9], 7), take(2, [4, 8], ABSENT)]],
  ['one add of two', [add(0, [1, 5], 7), add(1, [2, 4], 8, 0), get(1, [6, 7], 7)]],
  [
    'one compareAndSet of two',
    [
      set(0, [1, 2], 7),
      version(0, [3, 4], 1),
      version(1, [3, 5], 1),
      swap(0, [6, 9], 1, 8),
      swap(1, [7, 8], 1, 9, 0),
    ],
  ],
  [
    'increments, and a number set',
    [increment(0, [1, 2], 1, 1), set(1, [3, 4], 9), increment(0, [5, 6], 2, 11)],
  ],
  [
    'a set that never ended, seen late',
    [set(0, [1, NEVER], 7), get(1, [2, 3], ABSENT), get(1, [4, 5], 7)],
  ],
  ['a set that never ended, never seen', [set(0, [1, NEVER], 7), get(1, [2, 3], ABSENT)]],
  [
    'a value that went by itself, where it may',
    [set(0, [1, 2], 7), get(1, [3, 4], ABSENT)],
    { mayLose: true },
  ],
]

const illegal: [string, Operation[], CheckOptions?][] = [
  ['a stale read', [set(0, [1, 2], 7), set(0, [3, 4], 8), get(1, [5, 6], 7)]],
  [
    'a value that nobody wrote, a torn one',
    [set(0, [1, 2], 7), set(0, [3, 9], 8), get(1, [4, 5], 78)],
  ],
  ['a miss after a set', [set(0, [1, 2], 7), get(1, [3, 4], ABSENT)]],
  ['a value after it was deleted', [set(0, [1, 2], 7), remove(0, [3, 4]), get(1, [5, 6], 7)]],
  [
    'reads that go back, while it is being set',
    [set(0, [1, 2], 7), set(0, [3, 9], 8), get(1, [4, 5], 8), get(1, [6, 7], 7)],
  ],
  [
    'two threads that see two sets in different orders',
    [
      set(0, [1, 9], 7),
      set(1, [1, 9], 8),
      ...[7, 8].map((value, index) => get(2, [2 + 2 * index, 3 + 2 * index], value)),
      ...[8, 7].map((value, index) => get(3, [2 + 2 * index, 3 + 2 * index], value)),
    ],
  ],
  ['a lost update', [increment(0, [1, 5], 1, 1), increment(1, [2, 6], 1, 1)]],
  [
    'an increment that is not kept',
    [increment(0, [1, 2], 1, 1), increment(1, [3, 4], 1, 2), get(0, [5, 6], 1)],
  ],
  ['two winners of add', [add(0, [1, 5], 7), add(1, [2, 6], 8)]],
  ['two winners of take', [set(0, [1, 2], 7), take(0, [3, 9], 7), take(1, [4, 8], 7)]],
  [
    'two winners of compareAndSet',
    [
      set(0, [1, 2], 7),
      version(0, [3, 4], 1),
      version(1, [3, 5], 1),
      swap(0, [6, 9], 1, 8),
      swap(1, [7, 8], 1, 9),
    ],
  ],
  [
    'a loser of compareAndSet without a winner',
    [set(0, [1, 2], 7), version(0, [3, 4], 1), swap(0, [6, 9], 1, 8, 0)],
  ],
  [
    'a version of two values',
    [set(0, [1, 2], 7), version(0, [3, 4], 1), set(0, [5, 6], 8), version(0, [7, 8], 1)],
  ],
  ['a delete of nothing', [remove(0, [1, 2])]],
  [
    'a set that never ended, seen and gone again',
    [set(0, [1, NEVER], 7), get(1, [2, 3], 7), get(1, [4, 5], ABSENT)],
  ],
  [
    'a stale read, where values may go by themselves',
    [set(0, [1, 2], 7), get(1, [3, 4], ABSENT), get(1, [5, 6], 7)],
    { mayLose: true },
  ],
]

test.each(legal)('has an order: %s', (_, operations, options) => {
  expect(checkHistory(operations, options)).toBeUndefined()
})

test.each(illegal)('has none: %s', (_, operations, options) => {
  expect(checkHistory(operations, options)).toBeDefined()
})

describe('held against trying all orders', () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 })

  test('what a right cache may have answered has an order', () => {
    const run = (seed: number, reach: number): void => {
      expect(checkHistory(recordHistory(new Random(seed), 200, reach))).toBeUndefined()
    }
    checkProperty(fc.property(seeds, fc.integer({ min: 0, max: 12 }), run), 300)
  })

  test('a result that is changed is found exactly where no other order explains it', () => {
    let found = 0
    const run = (seed: number, unendedCount: number): void => {
      const random = new Random(seed)
      const history = spoil(random, recordHistory(random, 7, 4), unendedCount)
      const order = hasOrder(history)
      if (!order) found++
      expect(checkHistory(history) === undefined).toBe(order)
    }
    checkProperty(fc.property(seeds, fc.integer({ min: 0, max: 2 }), run), 3000)
    expect(found).toBeGreaterThan(300)
  })

  test('the stretch that is reported has no order, from whatever state', () => {
    const run = (seed: number): void => {
      const random = new Random(seed)
      const violation = checkHistory(spoil(random, recordHistory(random, 60, 3), 0))
      if (violation === undefined) return
      if (violation.isFromBeginning) {
        expect(checkHistory(violation.operations)).toBeDefined()
        return
      }
      // Whatever was before it is any set that was over, or none.
      for (const value of [ABSENT, ...violation.operations.map(({ result }) => result)]) {
        const before = value === ABSENT ? [] : [set(THREAD_BEFORE, [-2, -1], value)]
        expect(checkHistory([...before, ...violation.operations])).toBeDefined()
      }
    }
    checkProperty(fc.property(seeds, run), 500)
  })
})

const THREAD_BEFORE = 99

/** Changes one result, and leaves the last operation of some threads without an end. */
function spoil(random: Random, history: Operation[], unendedCount: number): Operation[] {
  const index = random.below(history.length)
  const other = random.pick(history)
  const spoilt = history.map((operation, at) => {
    if (at !== index) return operation
    const { kind, result } = operation
    if (kind === 'get' || kind === 'take')
      return { ...operation, result: random.pick([ABSENT, other.argument]) }
    if (kind === 'version') return { ...operation, result: random.below(5) }
    if (kind === 'increment') return { ...operation, result: result + random.between(-1, 1) }
    return { ...operation, result: 1 - result }
  })
  for (let thread = 0; thread < unendedCount; thread++) {
    const last = spoilt.findLastIndex((operation) => operation.thread === thread)
    if (last >= 0) spoilt[last] = { ...spoilt[last], respondedAt: NEVER }
  }
  return spoilt
}

test('a violation is told in as few operations as show it, out of many', () => {
  const history: Operation[] = []
  for (let index = 0; index < 10_000; index++) {
    history.push(set(0, [index * 10, index * 10 + 4], index))
    history.push(get(1, [index * 10 + 5, index * 10 + 8], index === 7000 ? 6999 : index))
  }
  const violation = checkHistory(history)
  expect(violation?.checked).toBe(14_001)
  expect(
    violation && describeViolation("'key'", violation, (value) => `#${value}`).split('\n'),
  ).toEqual([
    "'key' is not linearizable: after 14001 operations in order, these 2 have none:",
    '  thread 0       0 to      4  set(#7000) -> true',
    '  thread 1       5 to      8  get() -> #6999',
  ])
})
