/** When a near cache is passed by: by its hits, and by what gets cost with and without it. */
import { describe, expect, it } from 'vitest'
import { NearReview } from '../../src/cache/near-review.js'

/** Milliseconds. */
const NANOSECONDS = 1e-6
const PAUSE_MS = 50
const MAX_GETS = 5_000_000

interface Costs {
  nearHit: number
  nearMiss: number
  engine: number
}

/** Nanoseconds: a near cache that pays, and one whose lookups cost more than it saves. */
const NEAR_PAYS: Costs = { nearHit: 20, nearMiss: 100, engine: 90 }
const ENGINE_PAYS: Costs = { nearHit: 100, nearMiss: 190, engine: 90 }

/** Does what SharedCache does with a review, on a clock that goes on by what each get is said to cost. */
class Gets {
  costs: Costs
  /** Of 10 gets that ask the near cache. */
  hitsOfTen = 9
  /** The clock stands still for so long in the next get that is timed. */
  pauseMs = 0
  /** How many gets each time the near cache was passed by. */
  readonly bypasses: number[] = []
  bypassed = 0
  done = 0
  readings = 0
  readonly #review: NearReview
  #nowMs = 0
  #hits = 0
  #asked = 0
  #bypassedLeft = 0
  #isNextTimed = false

  constructor(costs: Costs) {
    this.costs = costs
    this.#review = new NearReview(() => {
      this.readings++
      return this.#nowMs
    })
  }

  do(count: number): void {
    for (let get = 0; get < count; get++) this.#getOne()
  }

  /** Until the near cache is passed by so often. */
  doUntilBypassed(times: number): void {
    while (this.bypasses.length < times && this.done < MAX_GETS) this.#getOne()
  }

  #getOne(): void {
    this.done++
    if (this.#bypassedLeft > 0) {
      this.#bypassedLeft--
      this.bypassed++
      const get = (): void => this.#spend(this.costs.engine)
      if (this.#review.wantsEngineCost) this.#time(false, get)
      else get()
    } else if (this.#isNextTimed) {
      this.#isNextTimed = false
      this.#time(true, () => this.#askNear())
    } else this.#askNear()
  }

  #time(isNear: boolean, get: () => void): void {
    const began = this.#review.begin()
    get()
    this.#nowMs += this.pauseMs
    this.pauseMs = 0
    this.#review.end(began, isNear)
  }

  #askNear(): void {
    // Why a stride: misses at equal distances would all be of the same gets.
    const isHit = (this.#asked++ * 7) % 10 < this.hitsOfTen
    this.#spend(isHit ? this.costs.nearHit : this.costs.nearMiss)
    if (isHit) {
      this.#hits++
      return
    }
    const gets = this.#review.countMiss(this.#hits)
    if (gets > 0) this.bypasses.push(gets)
    this.#bypassedLeft = gets
    if (this.#review.wantsNearCost) this.#isNextTimed = true
  }

  #spend(nanoseconds: number): void {
    this.#nowMs += nanoseconds * NANOSECONDS
  }
}

const DOUBLED = [2048, 4096, 8192, 16_384, 32_768, 65_536, 65_536, 65_536]

describe('a near cache', () => {
  it('with too few hits is passed by, each time for twice as long', () => {
    for (const hitsOfTen of [0, 1, 4]) {
      const gets = new Gets(NEAR_PAYS)
      gets.hitsOfTen = hitsOfTen
      gets.doUntilBypassed(DOUBLED.length)
      expect(gets.bypasses).toEqual(DOUBLED)
    }
  })

  it('is passed by as soon as it had too few hits for 1024 misses, and not before', () => {
    const gets = new Gets(NEAR_PAYS)
    gets.hitsOfTen = 0
    gets.do(1023)
    expect(gets.bypasses).toEqual([])
    gets.do(1)
    expect(gets.bypasses).toEqual([2048])
  })

  it('whose gets cost less than the engine’s stays', () => {
    const gets = new Gets(NEAR_PAYS)
    gets.do(2_000_000)
    // Passed by now and then, but only to measure.
    expect(new Set(gets.bypasses)).toEqual(new Set([2048]))
    expect(gets.bypassed / gets.done).toBeLessThan(0.02)
  })

  it('whose gets cost more than the engine’s is passed by, each time for twice as long', () => {
    const gets = new Gets(ENGINE_PAYS)
    gets.doUntilBypassed(DOUBLED.length + 1)
    // Once more at first, to measure.
    expect(gets.bypasses).toEqual([2048, ...DOUBLED])
  })

  it('that costs about the same stays', () => {
    const gets = new Gets({ nearHit: 90, nearMiss: 120, engine: 90 })
    gets.do(2_000_000)
    expect(gets.bypassed / gets.done).toBeLessThan(0.02)
  })

  it.each([
    ['its own gets cost less', NEAR_PAYS],
    ['the engine’s cost more', { ...ENGINE_PAYS, engine: 400 }],
  ])('comes back once %s, and is passed by once they do not', (_, near) => {
    const gets = new Gets(ENGINE_PAYS)
    for (let change = 0; change < 3; change++) {
      gets.costs = ENGINE_PAYS
      gets.do(1_000_000)
      const { bypassed } = gets
      gets.do(500_000)
      expect(gets.bypassed - bypassed).toBeGreaterThan(400_000)
      gets.costs = near
      // What is left of the bypass that is under way, and one more by the engine's old costs.
      gets.do(200_000)
      const { bypasses } = gets
      const before = bypasses.length
      gets.do(1_000_000)
      expect(new Set(bypasses.slice(before))).toEqual(new Set([2048]))
    }
  })

  it('comes back once it has hits again', () => {
    const gets = new Gets(NEAR_PAYS)
    gets.hitsOfTen = 0
    gets.do(500_000)
    gets.hitsOfTen = 9
    gets.do(100_000)
    const { bypassed } = gets
    gets.do(1_000_000)
    expect(gets.bypassed - bypassed).toBeLessThan(40_000)
  })

  it('is passed by for a short while again after one that did not last', () => {
    const gets = new Gets(NEAR_PAYS)
    gets.hitsOfTen = 0
    gets.doUntilBypassed(6)
    gets.hitsOfTen = 9
    gets.do(200_000)
    gets.hitsOfTen = 0
    const before = gets.bypasses.length
    gets.doUntilBypassed(before + 3)
    expect(Math.max(...gets.bypasses.slice(before))).toBeLessThanOrEqual(8192)
  })

  it('is judged by the same however often the thread had to wait in a get', () => {
    for (const costs of [NEAR_PAYS, ENGINE_PAYS]) {
      const calm = new Gets(costs)
      const interrupted = new Gets(costs)
      for (let round = 0; round < 200; round++) {
        interrupted.pauseMs = PAUSE_MS
        interrupted.do(10_000)
        calm.do(10_000)
      }
      const share = calm.bypassed / calm.done
      expect(interrupted.bypassed / interrupted.done).toBeGreaterThan(share - 0.1)
      expect(interrupted.bypassed / interrupted.done).toBeLessThan(share + 0.1)
    }
  })

  it('that misses nothing is neither timed nor passed by', () => {
    const gets = new Gets(ENGINE_PAYS)
    gets.hitsOfTen = 10
    gets.do(1_000_000)
    expect(gets.readings).toBe(0)
    expect(gets.bypasses).toEqual([])
  })

  it('is timed seldom: two readings of the clock for four misses, and ever fewer where it pays', () => {
    const gets = new Gets(NEAR_PAYS)
    gets.hitsOfTen = 5
    gets.do(2000)
    expect(gets.readings).toBeGreaterThan(400)
    expect(gets.readings).toBeLessThanOrEqual(500)
    gets.do(2_000_000)
    const { readings } = gets
    gets.do(1_000_000)
    expect(gets.readings - readings).toBeLessThan(20_000)
  })
})
