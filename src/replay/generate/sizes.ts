/**
 * Sizes of objects: one for each key, which is the same whenever the key comes, out of a distribution.
 *
 * A key's number and the seed are mixed to fractions, and these put through the distribution's inverse.
 */
import { mix } from '../random.js'

export type SizeSpec =
  | { kind: 'fixed'; bytes: number }
  | { kind: 'uniform'; least: number; most: number }
  /** Half of the sizes are below the median; `sigma` is the deviation of their natural logarithm. */
  | { kind: 'lognormal'; median: number; sigma: number }
  | { kind: 'pareto'; least: number; most: number; shape: number }

/** Larger objects no cache takes, and no replay makes. */
export const MAX_SIZE_BYTES = 2 ** 29

const SECOND_FRACTION = 0x5bd1e995

/** From 0 to below 1, the same for the same key. @param salt tells apart what a key is asked for */
export function fractionOf(key: number, salt: number): number {
  return mix(mix((key % 2 ** 32) ^ salt) + Math.floor(key / 2 ** 32)) / 2 ** 32
}

export function sizeOf(spec: SizeSpec, key: number, seed: number): number {
  if (spec.kind === 'fixed') return spec.bytes
  const bytes = Math.round(draw(spec, key, seed))
  return Math.min(MAX_SIZE_BYTES, Math.max(1, bytes))
}

function draw(spec: Exclude<SizeSpec, { kind: 'fixed' }>, key: number, seed: number): number {
  const fraction = fractionOf(key, seed)
  switch (spec.kind) {
    case 'uniform':
      return spec.least + fraction * (spec.most - spec.least)
    case 'lognormal': {
      // G. Box, M. Muller, A note on the generation of random normal deviates, 1958.
      const turn = 2 * Math.PI * fractionOf(key, seed ^ SECOND_FRACTION)
      const normal = Math.sqrt(-2 * Math.log(1 - fraction)) * Math.cos(turn)
      return spec.median * Math.exp(spec.sigma * normal)
    }
    case 'pareto': {
      const ratio = (spec.least / spec.most) ** spec.shape
      return spec.least * (1 - fraction * (1 - ratio)) ** (-1 / spec.shape)
    }
  }
}
