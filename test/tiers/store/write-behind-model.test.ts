/**
 * writeBehind against a model: any mix of writes, refusals, flushes, loads and restarts ends with the store
 * having the newest write of each key, by a path that never goes back.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WriteBehindWriter } from '../../../src/tiers/store/write-behind.js'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import { BatchStore, JournalFolder, MemoryStore } from './store-helpers.js'

const RUNS = 200
const { signal } = new AbortController()

const key = fc.constantFrom('a', 'b', 'c', 'd')
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('save' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('burst' as const),
      keys: fc.array(key, { maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('load' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.nat(8) }) },
)
const setting = fc.record({
  isBatched: fc.boolean(),
  flushSize: fc.integer({ min: 1, max: 4 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  maxPending: fc.integer({ min: 1, max: 6 }),
  /** Which calls of the store it refuses, again and again. */
  refusals: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
})

type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never

/** A real store with a memory of what came before: a save or remove of a key that is older than it has, throws. */
function makeStore({ isBatched, refusals }: Setting, problems: string[]): MemoryStore<number> {
  const store = isBatched ? new BatchStore<number>() : new MemoryStore<number>()
  let calls = 0
  // One at least is taken, else nothing ends.
  const pattern = [...refusals, false]
  store.refuse = (name, value) => {
    if (pattern[calls++ % pattern.length]) throw new Error('refused')
    const had = store.values.get(name)
    if (had !== undefined && value !== undefined && value < had) problems.push(`${name} went back`)
  }
  store.hold = () => new Promise((resolve) => setImmediate(resolve))
  return store
}

class Run {
  readonly model = new Map<string, number>()
  readonly problems: string[] = []
  readonly #setting: Setting
  readonly #store: MemoryStore<number>
  readonly #folder = new JournalFolder()
  readonly #journal = this.#folder.journal()
  #writer: WriteBehindWriter<number> | undefined
  #next = 0

  constructor(settings: Setting) {
    this.#setting = settings
    this.#store = makeStore(settings, this.problems)
  }

  async perform(operations: readonly Operation[]): Promise<void> {
    await this.#restart()
    for (const each of operations) await this.#apply(each)
    await this.#writer?.flush()
  }

  get saved(): Map<string, number> {
    return this.#store.values
  }

  end(): Promise<void> {
    return this.#folder.clean()
  }

  async #apply(each: Operation): Promise<void> {
    const writer = this.#writer as WriteBehindWriter<number>
    if (each.kind === 'save') {
      const value = this.#next++
      await writer.save(each.key, value)
      this.model.set(each.key, value)
    } else if (each.kind === 'burst') {
      const items = each.keys.map((name) => ({ key: name, value: this.#next++ }))
      await writer.saveMany(items)
      for (const { key: name, value } of items) this.model.set(name, value)
    } else if (each.kind === 'remove') {
      await writer.remove(each.key)
      this.model.delete(each.key)
    } else if (each.kind === 'load') {
      const loaded = await writer.load(each.key, { signal })
      const expected = this.model.get(each.key)
      if (loaded !== expected) this.problems.push(`${each.key} is ${loaded}, not ${expected}`)
    } else if (each.kind === 'flush') await writer.flush()
    else if (each.kind === 'restart') await this.#restart()
    else for (let turn = 0; turn < each.count; turn++) await new Promise((go) => setImmediate(go))
  }

  async #restart(): Promise<void> {
    await this.#writer?.close()
    const { flushSize, concurrency, maxPending } = this.#setting
    const retry = { attempts: Number.POSITIVE_INFINITY, minDelay: 1, maxDelay: 1 }
    const options = { flushSize, concurrency, maxPending, retry, flushInterval: 2 }
    const journal = this.#journal
    this.#writer = await this.#folder.open(
      writeBehind<number>(this.#store, { ...options, journal, closeTimeout: 1 }),
    )
  }
}

it('ends with the newest write of each key in the store, whatever happened', async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(operation, { maxLength: 60 }), async (settings, list) => {
      const run = new Run(settings)
      try {
        await run.perform(list)
        expect(run.problems).toEqual([])
        expect(Object.fromEntries(run.saved)).toEqual(Object.fromEntries(run.model))
      } finally {
        await run.end()
      }
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 30_000 },
  )
})
