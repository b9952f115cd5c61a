/**
 * Ranks drawn from a Zipf distribution: rank k (from 1) comes with a weight of k^-exponent.
 *
 * By rejection-inversion: the area under the continuous curve is inverted, and the few draws that
 * fall outside the steps are drawn again. No table, about 1.1 draws a rank.
 * W. Hörmann, G. Derflinger, Rejection-inversion to generate variates from monotone discrete
 * distributions, ACM TOMACS 6(3), 1996.
 */
import type { Random } from './random.js'

export class Zipf {
  private readonly lowArea: number
  private readonly highArea: number
  /** Within this distance left of its rank a draw lies inside the step for certain. */
  private readonly safeDistance: number

  /** @param exponent above 0, and not 1 */
  constructor(
    private readonly count: number,
    private readonly exponent: number,
  ) {
    this.lowArea = this.area(1.5) - 1
    this.highArea = this.area(count + 0.5)
    this.safeDistance = 2 - this.inverseArea(this.area(2.5) - 2 ** -exponent)
  }

  next(random: Random): number {
    // Bound: each turn accepts with a probability above a half.
    for (;;) {
      const area = this.highArea + random.nextFraction() * (this.lowArea - this.highArea)
      const x = this.inverseArea(area)
      const rank = Math.min(this.count, Math.max(1, Math.round(x)))
      const inside = rank - x <= this.safeDistance
      if (inside || area >= this.area(rank + 0.5) - rank ** -this.exponent) return rank
    }
  }

  /** The area under x^-exponent, up to a constant. */
  private area(x: number): number {
    const power = 1 - this.exponent
    return (x ** power - 1) / power
  }

  private inverseArea(area: number): number {
    const power = 1 - this.exponent
    return (area * power + 1) ** (1 / power)
  }
}
