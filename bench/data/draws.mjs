/** Numbers drawn at random, the same for the same seed. All are indices: from 0 on, below a limit. */
import { Random, Zipf } from '../harness/build.mjs'

/** One, uniformly. */
export function below(random, limit) {
  return Math.floor(random.nextFraction() * limit)
}

/** @returns {(random: Random) => number} draws one below `count`, 0 the most often */
export function zipfBelow(count, exponent) {
  const zipf = new Zipf(count, exponent)
  return (random) => zipf.next(random) - 1
}

/** `count` of them, drawn by `next` (default: uniformly). */
export function drawIndices(count, limit, seed, next = (random) => below(random, limit)) {
  const random = new Random(seed)
  return new Uint32Array(count).map(() => next(random))
}

/** All below `count`, each once. */
export function shuffled(count, seed) {
  const random = new Random(seed)
  const indices = new Uint32Array(count).map((_, index) => index)
  for (let at = count - 1; at > 0; at--) {
    const other = below(random, at + 1)
    const index = indices[at]
    indices[at] = indices[other]
    indices[other] = index
  }
  return indices
}
