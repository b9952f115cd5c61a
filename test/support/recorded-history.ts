/**
 * Histories as they come from a cache that is right, and an order found by trying all of them: what the
 * checker of histories is itself checked against.
 *
 * The history is made the other way round: first the order and the results, then, around the moment of each
 * operation, a random beginning and end. A thread does one operation at a time.
 */
import { CacheModel } from '../models/cache-model.js'
import { ABSENT, type Operation, type OperationKind } from '../models/shared-key.js'
import type { Random } from './random.js'

export const THREADS = 3

const KINDS: readonly OperationKind[] = [
  'get',
  'get',
  'set',
  'set',
  'add',
  'delete',
  'take',
  'version',
  'compareAndSet',
  'increment',
]
const KEY = 'key'
const MOMENT_GAP = 10

/** @param reach how far an operation may begin before its moment, and end after it, in operations */
export function recordHistory(random: Random, count: number, reach: number): Operation[] {
  const model = new CacheModel({ ttlMs: 0, sliding: false, now: () => 0 })
  const seenVersions: number[][] = Array.from({ length: THREADS }, () => [])
  const steps = Array.from({ length: count }, (_, index) => {
    const thread = random.below(THREADS)
    const kind = random.pick(KINDS)
    const expectedVersion = kind === 'compareAndSet' ? (seenVersions[thread].at(-1) ?? 0) : 0
    const argument = kind === 'increment' ? 1 : index + 1
    // Why a get: without a version there is nothing to compare with.
    const done = kind === 'compareAndSet' && expectedVersion === 0 ? 'get' : kind
    const result = perform(model, done, argument, expectedVersion)
    if (done === 'version' && result > 0) seenVersions[thread].push(result)
    return { kind: done, thread, argument, expectedVersion, result }
  })
  return withTimes(random, steps, reach)
}

type Step = Omit<Operation, 'invokedAt' | 'respondedAt'>

function withTimes(random: Random, steps: readonly Step[], reach: number): Operation[] {
  const lastEnds = Array.from({ length: THREADS }, () => 0)
  return steps.map((step, index) => {
    const moment = (index + 1) * MOMENT_GAP
    const next = steps.findIndex(({ thread }, other) => other > index && thread === step.thread)
    const latest = next < 0 ? Number.POSITIVE_INFINITY : (next + 1) * MOMENT_GAP - 2
    const farthest = reach * MOMENT_GAP
    const earliest = Math.max(lastEnds[step.thread] + 1, moment - farthest)
    const invokedAt = random.between(earliest, moment)
    const respondedAt = random.between(moment, Math.min(latest, moment + farthest))
    lastEnds[step.thread] = respondedAt
    return { ...step, invokedAt, respondedAt }
  })
}

function perform(
  model: CacheModel,
  kind: OperationKind,
  argument: number,
  expectedVersion: number,
): number {
  const value = (model.peek(KEY) as number | undefined) ?? ABSENT
  const version = model.version(KEY)
  switch (kind) {
    case 'get':
      return value
    case 'version':
      return version
    case 'set':
      model.set(KEY, argument)
      return 1
    case 'add':
      if (value === ABSENT) model.set(KEY, argument)
      return value === ABSENT ? 1 : 0
    case 'delete':
      return model.delete(KEY) ? 1 : 0
    case 'take':
      model.delete(KEY)
      return value
    case 'compareAndSet':
      if (version === expectedVersion) model.set(KEY, argument)
      return version === expectedVersion ? 1 : 0
    case 'increment':
      model.set(KEY, value === ABSENT ? argument : value + argument)
      return value === ABSENT ? argument : value + argument
  }
}

interface Tried {
  value: number
  /** Which write the value is of. */
  write: number
  /** Which write each version is of that was seen. */
  versions: ReadonlyMap<number, number>
}

/** By trying every order that the times allow. For a handful of operations only. */
export function hasOrder(operations: readonly Operation[]): boolean {
  return tryOrders(operations, { value: ABSENT, write: 0, versions: new Map() })
}

function tryOrders(left: readonly Operation[], state: Tried): boolean {
  if (left.every(({ respondedAt }) => respondedAt === Number.POSITIVE_INFINITY)) return true
  const firstEnd = Math.min(...left.map(({ respondedAt }) => respondedAt))
  return left.some((operation) => {
    if (operation.invokedAt > firstEnd) return false
    const next = tryOne(state, operation)
    return (
      next !== undefined &&
      tryOrders(
        left.filter((other) => other !== operation),
        next,
      )
    )
  })
}

function tryOne(state: Tried, operation: Operation): Tried | undefined {
  const { kind, argument, expectedVersion, result } = operation
  const isEnded = operation.respondedAt !== Number.POSITIVE_INFINITY
  const { value, write, versions } = state
  const isPresent = value !== ABSENT
  const writes = (stored: number): Tried => ({ value: stored, write: write + 1, versions })
  const isCurrent = isPresent && versions.get(expectedVersion) === write
  const answers: Record<OperationKind, () => [answer: number, after: Tried]> = {
    get: () => [value, state],
    take: () => [value, writes(ABSENT)],
    set: () => (isEnded && result === 0 ? [0, state] : [1, writes(argument)]),
    add: () => (isPresent ? [0, state] : [1, writes(argument)]),
    delete: () => [isPresent ? 1 : 0, writes(ABSENT)],
    compareAndSet: () => (isCurrent ? [1, writes(argument)] : [0, state]),
    increment: () => {
      const sum = isPresent ? value + argument : argument
      return [sum, writes(sum)]
    },
    version: () => {
      if (!isPresent || !isEnded) return [0, state]
      const known = [...versions].find(([, of]) => of === write)?.[0]
      if (known !== undefined) return [known, state]
      const isNew = [...versions.keys()].every((version) => version < result)
      return [
        isNew && result > 0 ? result : -1,
        { ...state, versions: new Map([...versions, [result, write]]) },
      ]
    },
  }
  const [answer, after] = answers[kind]()
  return isEnded && answer !== result ? undefined : after
}
