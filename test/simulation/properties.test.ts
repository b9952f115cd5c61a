/** What holds for every policy, with sizes and without, over random accesses and removals. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../src/simulation/simulation.js'
import { checkProperty } from '../support/check-property.js'
import { create, NAMES, requestsOf } from './drive.js'

const KEYS = 30

/** Sizes belong to keys; some keys are larger than the cache. */
const worlds = fc.record({
  capacity: fc.integer({ min: 1, max: 120 }),
  sizes: fc.oneof(
    fc.constant(new Array<number>(KEYS).fill(1)),
    fc.array(fc.nat(40), { minLength: KEYS, maxLength: KEYS }),
  ),
  steps: fc.array(
    fc.record({
      key: fc.nat(KEYS - 1),
      removes: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
    { maxLength: 200, size: 'max' },
  ),
})

/**
 * Knows what may be held: what was accessed, fits, and has not been removed since.
 *
 * Why no `expect` a step: it takes longer than the step.
 */
class Shadow {
  private readonly possible = new Set<number>()

  constructor(
    private readonly simulation: Simulation,
    private readonly world: World,
  ) {}

  access(key: number, index: number): void {
    const bytes = this.world.sizes[key]
    const before = this.simulation.used
    const hit = this.simulation.access(key, bytes, index)
    if (hit) must(this.possible.has(key), `${key} was hit, and cannot have been held`)
    else must(this.simulation.used <= before + this.weigh(key), `${key} took more than its bytes`)
    must(this.simulation.used <= this.world.capacity, `${this.simulation.used} are above capacity`)
    if (bytes <= this.world.capacity) this.possible.add(key)
  }

  remove(key: number): void {
    const before = this.simulation.used
    this.simulation.remove(key)
    const freed = before - this.simulation.used
    must(freed === 0 || freed === this.weigh(key), `${key} freed ${freed}`)
    this.possible.delete(key)
  }

  private weigh(key: number): number {
    return Math.max(1, this.world.sizes[key])
  }
}

function must(isSo: boolean, message: string): void {
  if (!isSo) throw new Error(message)
}

type World = typeof worlds extends fc.Arbitrary<infer Value> ? Value : never

function createFor(name: string, { capacity, sizes, steps }: World): Simulation {
  const accessed = steps.filter(({ removes }) => !removes).map(({ key }) => key)
  // All keys are asked for once more at the end, so that OPT has a reason to hold them.
  const all = [...accessed, ...sizes.keys()]
  return create(
    name,
    capacity,
    requestsOf(
      all,
      all.map((key) => sizes[key]),
    ),
  )
}

function live(name: string, world: World): Simulation {
  const simulation = createFor(name, world)
  const shadow = new Shadow(simulation, world)
  let index = 0
  for (const { key, removes } of world.steps) {
    if (removes) shadow.remove(key)
    else shadow.access(key, index++)
  }
  return simulation
}

describe.each(NAMES)('%s', (name) => {
  it('hits only what may be held, within the capacity, and holds the bytes of what it holds', () => {
    checkProperty(
      fc.property(worlds, (world) => {
        const simulation = live(name, world)
        for (const key of world.sizes.keys()) simulation.remove(key)
        expect(simulation.used).toBe(0)
      }),
      60,
    )
  })

  it('misses what has just been removed, whether it was held or remembered', () => {
    checkProperty(
      fc.property(worlds, fc.nat(KEYS - 1), (world, key) => {
        const simulation = live(name, world)
        simulation.remove(key)
        const index = world.steps.filter(({ removes }) => !removes).length + key
        expect(simulation.access(key, world.sizes[key], index)).toBe(false)
      }),
      20,
    )
  })
})

describe('with objects of one size', () => {
  it.each(NAMES.filter((name) => name !== 'opt'))('%s takes every newcomer in', (name) => {
    const lists = fc.array(fc.nat(20), { maxLength: 200, size: 'max' })
    checkProperty(
      fc.property(lists, fc.integer({ min: 1, max: 24 }), (keys, capacity) => {
        const simulation = create(name, capacity, requestsOf([...keys, 20]))
        const missed = keys.filter((key, index) => {
          simulation.access(key, 1, index)
          return !simulation.access(key, 1, index)
        })
        expect(missed).toEqual([])
      }),
      30,
    )
  })
})
