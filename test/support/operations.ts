/** Operations on a cache, as data: what fast-check makes up, shrinks and prints. */
import fc from 'fast-check'
import { PREFIXES, SAMPLE_KEYS } from './sample-keys.js'
import { VALUE_KINDS, type ValueSpec } from './sample-values.js'

export interface OperationOptions {
  ttl?: number
  sliding?: boolean
  tags?: string[]
  priority?: number
}

export type Operation =
  | { does: 'set' | 'add'; key: string; value: ValueSpec; options: OperationOptions }
  | { does: 'compareAndSet'; key: string; noted: boolean; value: ValueSpec }
  | { does: 'note' | 'get' | 'peek' | 'has' | 'delete' | 'take' | 'info'; key: string }
  | { does: 'getAgain'; key: string; times: number }
  | { does: 'touch'; key: string; ttl?: number }
  | { does: 'increment'; key: string; by: number; options: OperationOptions }
  | { does: 'getMany' | 'hasMany' | 'deleteMany'; keys: string[] }
  | { does: 'setMany'; entries: [string, ValueSpec][]; options: OperationOptions }
  | { does: 'fill'; first: number; count: number; value: ValueSpec; options: OperationOptions }
  | { does: 'invalidateTags' | 'expireTags'; tags: string[] }
  | { does: 'deleteByTag'; tag: string }
  | { does: 'deleteByPrefix'; prefix: string }
  | { does: 'wait'; ms: number }
  | { does: 'clear' | 'purgeExpired' | 'iterate' }

const YEARS_100_MS = 36_525 * 86_400_000
const TAGS = ['r', 'red', 'blue', 'ж', 'a long tag '.repeat(10)]
const FILL_PREFIX = 'fill:'
const FILL_KEYS = 400

const tags = fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 3 })

const anyBytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 300, max: 20_000 }) },
  // Around the largest chunk, and around the largest value that is staged whole.
  { weight: 1, arbitrary: fc.integer({ min: 1900, max: 2060 }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_370, max: 16_400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 300_000 }) },
)

const lifetime = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(1, 2, 63, 64, 65, YEARS_100_MS) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 100_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3_000_000_000 }) },
)

const options: fc.Arbitrary<OperationOptions> = fc.record(
  { ttl: lifetime, sliding: fc.boolean(), tags, priority: fc.integer({ min: 0, max: 255 }) },
  { requiredKeys: [] },
)

const wait = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4_000_000_000 }) },
)

function does<Name extends string, Fields extends object>(
  weight: number,
  name: Name | readonly Name[],
  fields: { [Field in keyof Fields]: fc.Arbitrary<Fields[Field]> },
  requiredKeys?: (keyof Fields)[],
): { weight: number; arbitrary: fc.Arbitrary<Operation> } {
  const names = typeof name === 'string' ? [name] : name
  const model = { does: fc.constantFrom(...names), ...fields }
  const required = requiredKeys === undefined ? undefined : ['does', ...requiredKeys]
  const constraints = required === undefined ? {} : { requiredKeys: required }
  const arbitrary = fc.record(model as never, constraints as never)
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Operation> }
}

export interface OperationsOptions {
  maxLength: number
  /** Default: all the hard ones. */
  keys?: readonly string[]
  /** Default: up to 300,000 bytes. */
  valueBytes?: fc.Arbitrary<number>
}

export function operations(chosen: OperationsOptions): fc.Arbitrary<Operation[]> {
  const operation = operationOn(chosen.keys ?? SAMPLE_KEYS, chosen.valueBytes ?? anyBytes)
  return fc.array(operation, { minLength: 1, maxLength: chosen.maxLength, size: 'max' })
}

function operationOn(
  keyPool: readonly string[],
  valueBytes: fc.Arbitrary<number>,
): fc.Arbitrary<Operation> {
  const key = fc.constantFrom(...keyPool)
  const keys = fc.array(key, { maxLength: 6 })
  const value: fc.Arbitrary<ValueSpec> = fc.record({
    kind: fc.constantFrom(...VALUE_KINDS),
    bytes: valueBytes,
    salt: fc.integer({ min: 0, max: 50 }),
  })
  return fc.oneof(
    does(30, 'set', { key, value, options }),
    does(8, 'add', { key, value, options }),
    does(6, 'note', { key }),
    does(8, 'compareAndSet', { key, noted: fc.boolean(), value }),
    does(15, 'get', { key }),
    does(15, 'getAgain', { key, times: fc.integer({ min: 2, max: 12 }) }),
    does(4, 'peek', { key }),
    does(4, 'has', { key }),
    does(3, 'info', { key }),
    does(8, 'delete', { key }),
    does(6, 'take', { key }),
    does(10, 'touch', { key, ttl: lifetime }, ['key']),
    does(10, 'increment', { key, by: fc.integer({ min: -5, max: 5 }), options }),
    does(3, ['getMany', 'hasMany', 'deleteMany'], { keys }),
    does(4, 'setMany', { entries: fc.array(fc.tuple(key, value), { maxLength: 5 }), options }),
    does(8, 'fill', {
      first: fc.integer({ min: 0, max: FILL_KEYS }),
      count: fc.integer({ min: 1, max: 100 }),
      value,
      options,
    }),
    does(5, 'invalidateTags', { tags }),
    does(3, 'expireTags', { tags }),
    does(2, 'deleteByTag', { tag: fc.constantFrom(...TAGS) }),
    does(2, 'deleteByPrefix', {
      prefix: fc.constantFrom(FILL_PREFIX, `${FILL_PREFIX}1`, ...PREFIXES),
    }),
    does(15, 'wait', { ms: wait }),
    does(1, 'clear', {}),
    does(2, 'purgeExpired', {}),
    does(2, 'iterate', {}),
  )
}

/** The keys that an operation `fill` sets. */
export function fillKeys({ first, count }: { first: number; count: number }): string[] {
  return Array.from({ length: count }, (_, index) => `${FILL_PREFIX}${(first + index) % FILL_KEYS}`)
}
