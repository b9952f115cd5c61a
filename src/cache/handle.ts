/**
 * A cache's handle: what another thread needs to work on the same cache. A plain object that the
 * structured clone algorithm takes, so that it can be posted, or passed as workerData, also on to a
 * worker of a worker.
 *
 * 1. It holds no functions: what the user's code brought along, each thread has to bring itself.
 * 2. A handle of another layout than this package's is refused, before its memory is touched.
 */
import { LAYOUT_VERSION } from '../../assembly/constants.js'
import { Engine } from '../engine/engine.js'
import type { EngineHandle } from '../engine/host.js'
import type { SharedOptions } from './attach-options.js'
import type { CacheHandle } from './cache-handle.js'
import type { ClockEpoch } from './clock.js'
import { InvalidOptionError } from './errors.js'

const KIND = 'hotset-cache'

export function createHandle(
  engines: readonly EngineHandle[],
  epoch: ClockEpoch,
  options: SharedOptions,
): CacheHandle {
  return { kind: KIND, layoutVersion: LAYOUT_VERSION, engines, epoch, options }
}

/** @throws InvalidOptionError where this is no handle, or one of another version of hotset */
export function checkHandle(handle: unknown): CacheHandle {
  const given = handle as Partial<CacheHandle> | null | undefined
  if (typeof given !== 'object' || given === null || given.kind !== KIND) {
    throw new InvalidOptionError('handle', handle, "the 'handle' of a SharedCache")
  }
  checkVersion(given.layoutVersion)
  // Why the memories too: only they tell how they were formatted.
  for (const { memory } of enginesOf(given)) checkVersion(Engine.layoutVersion(memory))
  return given as CacheHandle
}

export function enginesOf(handle: Partial<CacheHandle>): readonly EngineHandle[] {
  return (handle.engines ?? []) as readonly EngineHandle[]
}

function checkVersion(version: number | undefined): void {
  if (version === LAYOUT_VERSION) return
  const allowed = `${LAYOUT_VERSION}: all threads need the same version of hotset`
  throw new InvalidOptionError('handle.layoutVersion', version, allowed)
}
