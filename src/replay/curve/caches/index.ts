/** The policies a curve can have, hotset's own and those for reference, by name. */
import { REFERENCE_POLICIES } from '../../../simulation/policies.js'
import { POLICIES, type Policy } from '../../policies.js'
import type { CacheRequest, CurveCache } from './curve-cache.js'
import { createEngineCache } from './engine-cache.js'
import { SimulatedCache } from './simulated-cache.js'

const ENGINE_SOURCE = 'the engine itself'

/** hotset's own first. A reference policy of the same name stands back: the engine is what counts. */
export const CURVE_POLICIES: readonly string[] = [
  ...POLICIES,
  ...Object.keys(REFERENCE_POLICIES).filter((name) => !isOwn(name)),
]

export function createCache(policy: string, request: CacheRequest): CurveCache {
  return isOwn(policy) ? createEngineCache(policy, request) : new SimulatedCache(policy, request)
}

export function describePolicy(policy: string): { title: string; source: string } {
  if (isOwn(policy)) return { title: `hotset, ${policy}`, source: ENGINE_SOURCE }
  const { title, source } = REFERENCE_POLICIES[policy]
  return { title, source }
}

function isOwn(name: string): name is Policy {
  return (POLICIES as readonly string[]).includes(name)
}
