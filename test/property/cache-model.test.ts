/** SharedCache against a plain Map: with room for all, and with next to none. */
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { checkProperty } from '../support/check-property.js'
import type { CheckedOptions } from '../support/checked-cache.js'
import { CheckedCache } from '../support/checked-cache.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { type Operation, operations } from '../support/operations.js'

const MIB = 1024 * 1024
const RUNS: Record<Build, number> = { release: 60, debug: 25 }
const MAX_OPERATIONS = 150

const near = fc.constantFrom<CheckedOptions['near']>(false, undefined, { maxEntries: 4 })
const policy = fc.constantFrom('adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority')

const common = {
  policy,
  near,
  ttl: fc.constantFrom(undefined, undefined, 500),
  sliding: fc.boolean(),
  told: fc.boolean(),
}

const roomy = fc.record({
  ...common,
  maxBytes: fc.constant(128 * MIB),
  maxEntryBytes: fc.constant(MIB),
  shards: fc.constantFrom(undefined, 1),
  roomy: fc.constant(true),
  verifyEvery: fc.constant(5),
})

const tiny = fc.record({
  ...common,
  maxBytes: fc.integer({ min: MIB, max: 2 * MIB }),
  maxEntries: fc.constantFrom(undefined, undefined, 1, 7, 100),
  maxEntryBytes: fc.constantFrom(undefined, 400_000),
  shards: fc.constantFrom(1, 2, 4),
  roomy: fc.constant(false),
  verifyEvery: fc.constant(1),
})

/** Two memories: the key's hash chooses between them. */
const banked = fc.record({
  ...common,
  maxBytes: fc.constant(5 * 1024 * MIB),
  maxEntryBytes: fc.constant(MIB),
  roomy: fc.constant(true),
  verifyEvery: fc.constant(50),
})

function check(build: Build, options: fc.Arbitrary<object>, runs = RUNS[build]): void {
  const run = (chosen: object, list: Operation[]): void => {
    withBuild(build, () => new CheckedCache(chosen as CheckedOptions).run(list))
  }
  const list = operations({ maxLength: MAX_OPERATIONS })
  checkProperty(fc.property(options, list, run), runs)
}

describe.each(BUILDS)('%s build', (build) => {
  test('a cache that has room for all answers as a Map would', () => {
    check(build, roomy)
  })

  test('a tiny cache answers as a Map would, but for what it evicted', () => {
    check(build, tiny)
  })
})

test('a cache of several memories answers as a Map would', () => {
  check('release', banked, 8)
})
