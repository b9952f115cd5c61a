/** Samples of made-up traces, and what a curve's caches make of them. */
import { NO_TTL, READ, UNKNOWN_SIZE, UNKNOWN_TIME } from '../../../src/replay/access.js'
import { HashedBlock } from '../../../src/replay/curve/hashed-block.js'
import type { Sample } from '../../../src/replay/curve/sample.js'
import { Sampler, type SamplerOptions } from '../../../src/replay/curve/sampler.js'

export interface Request {
  key: number | string
  bytes?: number
  timeMs?: number
  ttlMs?: number
  operation?: number
}

export const WHOLE: SamplerOptions = {
  maxRequests: Number.POSITIVE_INFINITY,
  maxKeys: Number.POSITIVE_INFINITY,
  defaultBytes: 100,
  hasTime: false,
}

export function sampleOf(
  requests: Iterable<Request>,
  options: Partial<SamplerOptions> = {},
): Sample {
  const sampler = new Sampler({ ...WHOLE, ...options })
  const block = new HashedBlock()
  for (const request of requests) {
    pushRequest(block, request)
    if (!block.full) continue
    sampler.add(block, block.length)
    block.length = 0
  }
  sampler.add(block, block.length)
  return sampler.finish()
}

export function readsOf(keys: Iterable<number>): Request[] {
  return Array.from(keys, (key) => ({ key }))
}

function pushRequest(block: HashedBlock, request: Request): void {
  const { key, bytes = UNKNOWN_SIZE, timeMs = UNKNOWN_TIME, ttlMs = NO_TTL } = request
  const { operation = READ } = request
  if (typeof key === 'number') block.pushNumber(key, bytes, timeMs, ttlMs, operation)
  else block.push(key, bytes, timeMs, ttlMs, operation)
}

/** Keys by a law that has a few very popular ones: the square of a fraction. */
export function skewedKeys(count: number, keys: number, nextFraction: () => number): number[] {
  return Array.from({ length: count }, () => Math.floor(nextFraction() ** 3 * keys))
}
