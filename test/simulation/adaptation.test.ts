/** How the window of the adaptive W-TinyLFU is found. */
import { describe, expect, it } from 'vitest'
import { HillClimber } from '../../src/simulation/hill-climber.js'
import { Random } from '../support/random.js'
import { countHits, create, requestsOf } from './drive.js'

/** Samples of ten requests, of which so many were hits; gives the steps rounded to a tenth. */
function climb(capacity: number, hitsOfTen: number[]): number[] {
  const climber = new HillClimber(capacity)
  return hitsOfTen.map((hits) => {
    for (let request = 0; request < 9; request++) {
      expect(climber.record(request < hits, 10)).toBe(0)
    }
    return Math.round(climber.record(hits === 10, 10) * 10) / 10
  })
}

describe('HillClimber', () => {
  it('first makes the window smaller, and turns round where that hit less', () => {
    expect(climb(1600, [5, 5, 4, 3, 4])).toEqual([-100, -100, 98, -100, -100])
  })

  it('makes shorter steps for as long as nothing changes', () => {
    expect(climb(16_000, [5, 5, 5, 5])).toEqual([-1000, -1000, -980, -960.4])
  })
})

describe('w-tinylfu-adaptive', () => {
  const random = new Random(3)
  /** Every second request is for one of the 150 latest newcomers. */
  const keys = Array.from({ length: 80_000 }, (_, index) =>
    index % 2 === 0 ? index / 2 + 150 : (index - 1) / 2 + random.below(150),
  )

  it('widens its window where what was used lately is used again, and not much later', () => {
    const hits = (name: string) => countHits(name, 200, requestsOf(keys))
    expect(hits('lru-sim')).toBeGreaterThan(39_000)
    expect(hits('w-tinylfu')).toBeLessThan(15_000)
    expect(hits('w-tinylfu-adaptive')).toBeGreaterThan(25_000)
  })

  it('stays within its capacity while the window grows and shrinks, and loses nothing by that', () => {
    const simulation = create('w-tinylfu-adaptive', 200, requestsOf(keys))
    let [least, most] = [200, 0]
    keys.forEach((key, index) => {
      simulation.access(key, 1, index)
      most = Math.max(most, simulation.used)
      if (index >= 1000) least = Math.min(least, simulation.used)
    })
    expect([least, most]).toEqual([200, 200])
  })
})
