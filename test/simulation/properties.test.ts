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
    { maxLength: 400 },
  ),
})

/** Knows what may be held: what was accessed, fits, and has not been removed since. */
class Shadow {
  readonly possible = new Set<number>()

  constructor(
    private readonly simulation: Simulation,
    private readonly capacity: number,
    private readonly sizes: readonly number[],
  ) {}

  access(key: number, index: number): void {
    const before = this.simulation.used
    const hit = this.simulation.access(key, this.sizes[key], index)
    if (hit) expect(this.possible).toContain(key)
    else expect(this.simulation.used).toBeLessThanOrEqual(before + this.weigh(key))
    if (this.sizes[key] <= this.capacity) this.possible.add(key)
  }

  remove(key: number): void {
    const before = this.simulation.used
    this.simulation.remove(key)
    expect([before, before - this.weigh(key)]).toContain(this.simulation.used)
    this.possible.delete(key)
  }

  private weigh(key: number): number {
    return Math.max(1, this.sizes[key])
  }
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
  const shadow = new Shadow(simulation, world.capacity, world.sizes)
  let index = 0
  for (const { key, removes } of world.steps) {
    if (removes) shadow.remove(key)
    else shadow.access(key, index++)
    expect(simulation.used).toBeLessThanOrEqual(world.capacity)
  }
  return simulation
}

describe.each(NAMES)('%s', (name) => {
  it('hits only what was accessed before and not removed since, and stays within the capacity', () => {
    checkProperty(
      fc.property(worlds, (world) => void live(name, world)),
      100,
    )
  })

  it('holds as many bytes as the objects that it holds have together', () => {
    checkProperty(
      fc.property(worlds, (world) => {
        const simulation = live(name, world)
        for (const key of world.sizes.keys()) simulation.remove(key)
        expect(simulation.used).toBe(0)
      }),
      100,
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
      100,
    )
  })

  it('gives the same answers when it is run again', () => {
    checkProperty(
      fc.property(worlds, (world) => {
        const [first, second] = [createFor(name, world), createFor(name, world)]
        let index = 0
        for (const { key, removes } of world.steps) {
          if (removes) for (const simulation of [first, second]) simulation.remove(key)
          else {
            const hit = first.access(key, world.sizes[key], index)
            expect(second.access(key, world.sizes[key], index++)).toBe(hit)
          }
        }
      }),
      30,
    )
  })
})

describe('with objects of one size', () => {
  it.each(NAMES.filter((name) => name !== 'opt'))('%s takes every newcomer in', (name) => {
    checkProperty(
      fc.property(
        fc.array(fc.nat(20), { maxLength: 200 }),
        fc.integer({ min: 1, max: 24 }),
        (keys, capacity) => {
          const simulation = create(name, capacity, requestsOf([...keys, 20]))
          keys.forEach((key, index) => {
            simulation.access(key, 1, index)
            expect(simulation.access(key, 1, index)).toBe(true)
          })
        },
      ),
      50,
    )
  })
})
