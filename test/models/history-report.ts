/** A history in words: a line an operation, in the order they began, each with its thread and its times. */
import type { Violation } from './linearizability.js'
import { ABSENT, type Operation } from './shared-key.js'

/** How a value's number is shown. */
export type ShowValue = (value: number) => string

export function describeViolation(
  key: string,
  { operations, isFromBeginning, checked }: Violation,
  show: ShowValue = String,
): string {
  const begin = Math.min(...operations.map(({ invokedAt }) => invokedAt))
  return [
    `${key} is not linearizable: after ${checked} operations in order, these ${operations.length} have none` +
      `${isFromBeginning ? ' where there was nothing before' : ''}:`,
    ...operations.map((operation) => `  ${describeOperation(operation, begin, show)}`),
  ].join('\n')
}

/** @param begin times are shown from there */
export function describeOperation(operation: Operation, begin: number, show: ShowValue): string {
  const { thread, invokedAt, respondedAt } = operation
  const isUnended = respondedAt === Number.POSITIVE_INFINITY
  const end = isUnended ? 'never' : String(respondedAt - begin)
  const times = `${String(invokedAt - begin).padStart(6)} to ${end.padStart(6)}`
  const outcome = isUnended ? '' : ` -> ${resultOf(operation, show)}`
  return `thread ${thread}  ${times}  ${callOf(operation, show)}${outcome}`
}

function callOf({ kind, argument, expectedVersion }: Operation, show: ShowValue): string {
  switch (kind) {
    case 'set':
    case 'add':
      return `${kind}(${show(argument)})`
    case 'compareAndSet':
      return `${kind}(version ${expectedVersion}, ${show(argument)})`
    case 'increment':
      return `${kind}(${argument})`
    default:
      return `${kind}()`
  }
}

function resultOf({ kind, result }: Operation, show: ShowValue): string {
  switch (kind) {
    case 'get':
    case 'take':
      return result === ABSENT ? 'nothing' : show(result)
    case 'version':
      return result === 0 ? 'nothing' : String(result)
    case 'increment':
      return String(result)
    default:
      return String(result === 1)
  }
}
