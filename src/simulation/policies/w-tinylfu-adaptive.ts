/**
 * W-TinyLFU with a window that adapts: see w-tinylfu.ts for the policy, hill-climber.ts for how the size of
 * the window is found.
 *
 * G. Einziger, O. Eytan, R. Friedman, B. Manes, Adaptive software cache management, Middleware 2018; as in Caffeine 3.
 * Begins as the fixed one does, with 1%; a fifth of the main space of then stays out of reach of the window.
 * A sample is as long as the period of the frequency sketch: 10 requests for each entry held.
 * What the border moves over keeps its place in the cache where that has room, oldest first.
 * With sizes: the window's capacity is in bytes.
 *
 * Costs what W-TinyLFU costs, and a move of as many objects as the border passes once every sample.
 */
import { HillClimber } from '../hill-climber.js'
import type { SimulationOptions } from '../simulation.js'
import { WTinyLfu } from './w-tinylfu.js'

export class AdaptiveWTinyLfu extends WTinyLfu {
  private readonly climber: HillClimber

  constructor(options: SimulationOptions) {
    super(options)
    this.climber = new HillClimber(options.capacity)
  }

  protected override hit(key: number): void {
    super.hit(key)
    this.adapt(true)
  }

  protected override miss(key: number, bytes: number): void {
    super.miss(key, bytes)
    this.adapt(false)
  }

  private adapt(isHit: boolean): void {
    const amount = this.climber.record(isHit, this.sketch.period)
    if (amount !== 0) this.growWindow(amount)
  }
}
