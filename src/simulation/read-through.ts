/**
 * What every policy does alike: a hit, a miss, or an object that is larger than the whole cache.
 *
 * 1. `miss` is only called with an object that is absent and has a size from 1 to the capacity.
 */
import { checkOptions, type Simulation, type SimulationOptions } from './simulation.js'

export abstract class ReadThrough implements Simulation {
  protected readonly capacity: number

  constructor(options: SimulationOptions) {
    checkOptions(options)
    this.capacity = options.capacity
  }

  abstract get used(): number

  access(key: number, bytes: number, index: number): boolean {
    if (this.holds(key)) {
      this.hit(key, index)
      return true
    }
    if (bytes <= this.capacity) this.miss(key, Math.max(1, bytes), index)
    return false
  }

  remove(key: number): void {
    if (this.holds(key)) this.drop(key)
  }

  protected abstract holds(key: number): boolean
  protected abstract hit(key: number, index: number): void
  /** The object is absent: takes it in, or not. */
  protected abstract miss(key: number, bytes: number, index: number): void
  /** The object is held, and leaves no trace in a list of what was evicted. */
  protected abstract drop(key: number): void
}
