/**
 * What one key of a cache does, one operation after the other: the specification that histories of many
 * threads are held against. Values are numbers here: whoever records a history numbers what it wrote.
 *
 * 1. A state is never changed; `apply` answers the very same one where the operation changed nothing.
 * 2. Versions are told by no write, only by operations of kind `version`, and by what compareAndSet makes
 *    of them. So a state has the last version seen, and whether the key was written since. A version that
 *    compareAndSet is given must have been seen before: it holds if it is the last one seen and nothing was
 *    written since, and in no other case. Each write's version is greater than those before it.
 * 3. A set that was refused had no effect. That is so where the lock was not to be had in time; of what was
 *    refused for another reason, a history has a delete. Other calls that were refused for want of the lock
 *    are left out of it.
 */

export const OPERATION_KINDS = [
  'get',
  'set',
  'add',
  'delete',
  'take',
  'compareAndSet',
  'version',
  'increment',
] as const

export type OperationKind = (typeof OPERATION_KINDS)[number]

/** Instead of a value: there is none. */
export const ABSENT = -1
/** Instead of a value: there may be any, or none. */
export const UNKNOWN = -2

export interface Operation {
  readonly kind: OperationKind
  readonly thread: number
  readonly invokedAt: number
  /** Infinity: it never ended. It may have taken effect at any time since, or not at all. */
  readonly respondedAt: number
  /** What set, add and compareAndSet write; what increment adds. */
  readonly argument: number
  /** Of compareAndSet. */
  readonly expectedVersion: number
  /**
   * Of get and take the value, or ABSENT; of set, add, delete and compareAndSet 1 or 0; of version the
   * version, 0 for none; of increment the new number. Of no meaning for what never ended.
   */
  readonly result: number
}

export interface KeyState {
  readonly value: number
  /** The last that was seen; UNKNOWN: any. */
  readonly version: number
  /** Whether nothing was written since the version was seen. Then there is a value. */
  readonly isVersionCurrent: boolean
}

export const EMPTY: KeyState = { value: ABSENT, version: 0, isVersionCurrent: false }
/** From here on anything may follow that is consistent in itself. */
export const ANYTHING: KeyState = { value: UNKNOWN, version: UNKNOWN, isVersionCurrent: false }

/**
 * The state after an operation with this result; undefined: it cannot have this result here.
 * @param mayLose whether the value may go at any time by itself (evicted)
 */
export function apply(
  state: KeyState,
  operation: Operation,
  mayLose: boolean,
): KeyState | undefined {
  if (operation.respondedAt === Number.POSITIVE_INFINITY) {
    return applyUnended(state, operation, mayLose)
  }
  const { kind, argument, expectedVersion, result } = operation
  const canBePresent = state.value !== ABSENT
  switch (kind) {
    case 'get':
      return result === ABSENT ? without(state, mayLose) : seen(state, result)
    case 'take':
      if (result === ABSENT) return without(state, mayLose)
      return seen(state, result) && removed(state)
    case 'set':
      return result === 1 ? written(state, argument) : state
    case 'add':
      if (result === 1) return without(state, mayLose) && written(state, argument)
      return canBePresent ? state : undefined
    case 'delete':
      if (result === 0) return without(state, mayLose)
      return canBePresent ? removed(state) : undefined
    case 'compareAndSet':
      if (result === 1)
        return mayHave(state, expectedVersion) ? written(state, argument) : undefined
      return has(state, expectedVersion) ? without(state, mayLose) : state
    case 'version':
      return result === 0 ? without(state, mayLose) : withVersion(state, result)
    case 'increment':
      if (state.value === UNKNOWN || state.value + argument === result) {
        if (canBePresent) return written(state, result)
      }
      return result === argument && without(state, mayLose) ? written(state, result) : undefined
  }
}

/** Whether an operation with this result leaves the key as it was, whatever it was. */
export function isReading({ kind, result, respondedAt }: Operation): boolean {
  if (kind === 'get' || kind === 'version') return true
  if (respondedAt === Number.POSITIVE_INFINITY || kind === 'increment') return false
  return kind === 'take' ? result === ABSENT : result === 0
}

/** What an operation does that nobody saw the result of, if it does anything. */
function applyUnended(
  state: KeyState,
  { kind, argument, expectedVersion }: Operation,
  mayLose: boolean,
): KeyState {
  switch (kind) {
    case 'set':
      return written(state, argument)
    case 'delete':
    case 'take':
      return removed(state)
    case 'add':
      return without(state, mayLose) ? written(state, argument) : state
    case 'compareAndSet':
      return mayHave(state, expectedVersion) ? written(state, argument) : state
    case 'increment':
      if (state.value === ABSENT) return written(state, argument)
      return mayLose || state.value === UNKNOWN ? ANYTHING : written(state, state.value + argument)
    default:
      return state
  }
}

function isBlank(state: KeyState): boolean {
  return state.value === UNKNOWN && !state.isVersionCurrent
}

function seen(state: KeyState, value: number): KeyState | undefined {
  if (state.value === value) return state
  return state.value === UNKNOWN ? { ...state, value } : undefined
}

/** The state once it is known that there is no value; undefined if there is one that cannot have gone. */
function without(state: KeyState, mayLose: boolean): KeyState | undefined {
  return mayLose || state.value === ABSENT || isBlank(state) ? removed(state) : undefined
}

function removed(state: KeyState): KeyState {
  return state.value === ABSENT ? state : written(state, ABSENT)
}

function written(state: KeyState, value: number): KeyState {
  return { value, version: Math.max(0, state.version), isVersionCurrent: false }
}

function withVersion(state: KeyState, version: number): KeyState | undefined {
  if (state.isVersionCurrent) return state.version === version ? state : undefined
  if (state.value === ABSENT || version <= state.version) return undefined
  return { value: state.value, version, isVersionCurrent: true }
}

function has(state: KeyState, version: number): boolean {
  return state.isVersionCurrent && state.version === version
}

function mayHave(state: KeyState, version: number): boolean {
  return has(state, version) || state.version === UNKNOWN
}
