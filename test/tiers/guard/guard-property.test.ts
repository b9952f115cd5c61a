/** Whatever fails and whatever overtakes what, a guard shows nothing outdated, and leaves nothing outdated. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { compilePattern } from '../../../src/cache/key-pattern.js'
import type { TierEntry } from '../../../src/tiers/tier.js'
import { Random } from '../../support/random.js'
import { entryOf, type Fault } from '../support/scripted-tier.js'
import { guarded } from './guard-helpers.js'
import { GuardModel, type Operation, outdated } from './guard-model.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const KEYS = ['a:1', 'a:2', 'b:1', 'b:2']
const TAGS = ['t', 'u']
const FAULTS: Fault[] = [
  'reject',
  'throw',
  'done-reject',
  'hang',
  'late',
  'late-reject',
  'done-late',
  'wrong',
]
/** Less than ten timeouts, so that none of the late ones is taken for lost before it arrives. */
const MAX_STEP_MS = 120

const key = fc.constantFrom(...KEYS)
const tags = fc.subarray(TAGS)
const index = fc.nat(3)
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, tags }),
  fc.record({ do: fc.constant('set' as const), key, tags }),
  fc.record({ do: fc.constant('setMany' as const), keys: fc.subarray(KEYS), tags }),
  fc.record({ do: fc.constant('delete' as const), keys: fc.subarray(KEYS) }),
  fc.record({ do: fc.constant('expire' as const), key }),
  fc.record({ do: fc.constant('take' as const), key }),
  fc.record({ do: fc.constant('tags' as const), tags }),
  fc.record({ do: fc.constant('prefix' as const), prefix: fc.constantFrom('a:', 'b:') }),
  fc.record({ do: fc.constant('pattern' as const), pattern: fc.constantFrom('?:1', '*2') }),
  fc.record({ do: fc.constant('clear' as const) }),
  fc.record({ do: fc.constant('get' as const), key }),
  fc.record({ do: fc.constant('get' as const), key }),
  fc.record({ do: fc.constant('getMany' as const), keys: fc.subarray(KEYS) }),
  fc.record({ do: fc.constant('fill' as const), key, tags }),
  fc.record({ do: fc.constant('faults' as const), share: fc.constantFrom(0, 0, 0.3, 0.7, 1) }),
  fc.record({ do: fc.constant('release' as const), index }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: MAX_STEP_MS }) }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

type Write = Exclude<
  Step,
  { do: 'wait' | 'get' | 'getMany' | 'fill' | 'faults' | 'release' | 'take' }
>

function coveredBy(write: Write): Operation['covers'] {
  if (write.do === 'clear') return () => true
  if (write.do === 'prefix') return (key) => key.startsWith(write.prefix)
  if (write.do === 'pattern') return compilePattern(write.pattern).test
  if (write.do === 'tags')
    return (_key, entry) => entry.tags.some((tag) => write.tags.includes(tag))
  const keys = 'keys' in write ? write.keys : [write.key]
  return (key) => keys.includes(key)
}

class Scenario {
  readonly model = new GuardModel()
  readonly parts: ReturnType<typeof guarded>
  readonly wrong: string[] = []
  readonly #random: Random
  #share = 0
  #underWay = 0

  constructor(seed: number, maxRepairs: number, isBroken: boolean) {
    this.#random = new Random(seed)
    this.parts = guarded({
      timeout: 1000,
      scanTimeout: 1000,
      maxRepairs,
      breaker: isBroken ? { failures: 2 } : false,
    })
    this.parts.tier.fault = () =>
      this.#random.chance(this.#share) ? this.#random.pick(FAULTS) : 'none'
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      if (one.do === 'wait') await vi.advanceTimersByTimeAsync(one.ms)
      else this.#do(one)
    }
  }

  /** All is well again: everything arrives, and there is time enough. */
  async end(): Promise<void> {
    const { guard, tier } = this.parts
    this.#share = 0
    tier.releaseAll()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(this.#underWay).toBe(0)
    expect(guard.stats()).toMatchObject({ pendingRepairs: 0, breaker: 'closed' })
    for (const one of KEYS) {
      this.#check(one, (await tier.get(one)).entry, this.model.all())
      const shown = await guard.get(one)
      this.#check(one, shown?.entry, this.model.all())
      expect(await guard.set(one, entryOf(String(this.model.next())))).toBe('stored')
      expect((await guard.get(one))?.entry).toBeDefined()
    }
    expect(this.wrong).toEqual([])
  }

  #do(one: Exclude<Step, { do: 'wait' }>): void {
    const { tier } = this.parts
    if (one.do === 'faults') this.#share = one.share
    else if (one.do === 'release') {
      if (tier.waiting > 0) tier.release(one.index % tier.waiting)
    } else if (one.do === 'get') this.#track(this.#get(one.key, this.model.known()))
    else if (one.do === 'getMany') this.#track(this.#getMany(one.keys, this.model.known()))
    else if (one.do === 'fill') this.#track(this.#fill(one.key, one.tags))
    else if (one.do === 'take') this.#track(this.#take(one.key, this.model.known()))
    else this.#track(this.#write(one))
  }

  async #write(one: Write): Promise<void> {
    const { guard } = this.parts
    const operation = this.model.begin(coveredBy(one), one.do === 'expire')
    const stored = (ofEntry: string[]): TierEntry => entryOf(String(operation.number), ofEntry)
    if (one.do === 'set') await guard.set(one.key, stored(one.tags))
    else if (one.do === 'setMany') {
      await guard.setMany(one.keys.map((key) => ({ key, entry: stored(one.tags) })))
    } else if (one.do === 'delete') await guard.delete(one.keys)
    else if (one.do === 'expire') await guard.expire([one.key])
    else if (one.do === 'tags') await guard.invalidateTags(one.tags, false)
    else if (one.do === 'prefix') await guard.deleteByPrefix(one.prefix)
    else if (one.do === 'pattern') await guard.deleteByPattern(one.pattern)
    else await guard.clear()
    operation.isAnswered = true
  }

  async #take(key: string, known: Operation[]): Promise<void> {
    const operation = this.model.begin((other) => other === key)
    this.#check(key, (await this.parts.guard.take(key)).entry, known)
    operation.isAnswered = true
  }

  async #get(key: string, known: Operation[]): Promise<void> {
    this.#check(key, (await this.parts.guard.get(key))?.entry, known)
  }

  async #getMany(keys: string[], known: Operation[]): Promise<void> {
    const found = await this.parts.guard.getMany(keys)
    found?.forEach(({ entry }, place) => {
      this.#check(keys[place], entry, known)
    })
  }

  /** Looks, loads (at the number that the origin has then), and stores what was loaded. */
  async #fill(key: string, ofEntry: string[]): Promise<void> {
    const { guard } = this.parts
    const finding = await guard.get(key)
    if (finding === undefined || finding.entry !== undefined) return
    const loaded = entryOf(String(this.model.next()), ofEntry)
    await new Promise((resolve) => {
      setTimeout(resolve, this.#random.below(300))
    })
    await guard.set(key, loaded, { ifUnchanged: { seen: finding.seen } })
  }

  #track(call: Promise<void>): void {
    this.#underWay++
    call.then(
      () => {
        this.#underWay--
      },
      (error) => {
        this.#underWay--
        this.wrong.push(String(error))
      },
    )
  }

  #check(key: string, entry: TierEntry | undefined, known: readonly Operation[]): void {
    const reason = outdated(key, entry, known)
    if (reason !== undefined) this.wrong.push(reason)
  }
}

it('shows and leaves nothing older than the last write or invalidation', async () => {
  const { HOTSET_SEED, HOTSET_RUNS } = process.env
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 80 }),
      fc.nat(),
      fc.constantFrom(2, 1000),
      fc.boolean(),
      async (steps, seed, maxRepairs, isBroken) => {
        const scenario = new Scenario(seed, maxRepairs, isBroken)
        await scenario.run(steps)
        await scenario.end()
        await scenario.parts.guard.close()
      },
    ),
    {
      numRuns: Number(HOTSET_RUNS ?? 300),
      ...(HOTSET_SEED !== undefined && { seed: Number(HOTSET_SEED) }),
    },
  )
})
