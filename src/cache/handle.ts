/**
 * A cache's handle: what another thread needs to work on the same cache. A plain object that the
 * structured clone algorithm takes, so that it can be posted, or passed as workerData, also on to a
 * worker of a worker.
 *
 * 1. It holds no functions: what the user's code brought along, each thread has to bring itself.
 * 2. A handle of another layout than this package's is refused, before its memory is touched.
 */
import { LAYOUT_VERSION } from '../../assembly/constants.js'
import { Engine, type EngineHandle } from '../engine/engine.js'
import type { ClockEpoch } from './clock.js'
import { InvalidOptionError } from './errors.js'
import type { SharedOptions } from './options.js'

const KIND = 'hotset-cache'

/** Opaque: post it to a thread, and give it to `SharedCache.attach` there. */
export interface CacheHandle {
  readonly kind: typeof KIND
  readonly layoutVersion: number
  /** One a bank. */
  readonly engines: readonly EngineHandle[]
  readonly epoch: ClockEpoch
  readonly options: SharedOptions
}

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
  for (const { memory } of given.engines ?? []) checkVersion(Engine.layoutVersion(memory))
  return given as CacheHandle
}

function checkVersion(version: number | undefined): void {
  if (version === LAYOUT_VERSION) return
  const allowed = `${LAYOUT_VERSION}: all threads need the same version of hotset`
  throw new InvalidOptionError('handle.layoutVersion', version, allowed)
}
