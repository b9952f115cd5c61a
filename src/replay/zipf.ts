/**
 * Ranks drawn from a Zipf distribution: rank k (from 1) comes with a weight of k^-exponent.
 *
 * By rejection-inversion: the area under the continuous curve is inverted, and the few draws that
 * fall outside the steps are drawn again. No table, about 1.1 draws a rank.
 * W. Hörmann, G. Derflinger, Rejection-inversion to generate variates from monotone discrete
 * distributions, ACM TOMACS 6(3), 1996.
 */
/** Exponents that are nearer to 1 than this are taken for 1. */
const NEAR_ONE = 1e-6

interface Fractions {
  /** From 0 to below 1. */
  nextFraction(): number
}

export class Zipf {
  private readonly lowArea: number
  private readonly highArea: number
  /** Within this distance left of its rank a draw lies inside the step for certain. */
  private readonly safeDistance: number

  /** 1 less the exponent. */
  private readonly power: number

  /** @param exponent from 0: that is, all ranks with the same chance */
  constructor(
    private readonly count: number,
    private readonly exponent: number,
  ) {
    this.power = Math.abs(1 - exponent) < NEAR_ONE ? 0 : 1 - exponent
    this.lowArea = this.area(1.5) - 1
    this.highArea = this.area(count + 0.5)
    this.safeDistance = 2 - this.inverseArea(this.area(2.5) - 2 ** -exponent)
  }

  next(random: Fractions): number {
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
    const { power } = this
    return power === 0 ? Math.log(x) : (x ** power - 1) / power
  }

  private inverseArea(area: number): number {
    const { power } = this
    return power === 0 ? Math.exp(area) : (area * power + 1) ** (1 / power)
  }
}
