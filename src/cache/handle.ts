/**
 * A cache's handle: what another thread needs to work on the same cache. A plain object that the
 * structured clone algorithm takes, so that it can be posted, or passed as workerData, also on to a
 * worker of a worker.
 *
 * 1. It holds no functions: what the user's code brought along, each thread has to bring itself.
 * 2. A handle of another layout than this package's is refused, before its memory is touched.
 * 3. One that was spoilt on its way (JSON, a copy by hand) is refused by the name of the part that is wrong,
 *    before anything is attached.
 */
import { LAYOUT_VERSION } from '../../assembly/constants.js'
import { isSharedMemory, isWholeBank } from '../engine/bank-memory.js'
import { Engine } from '../engine/engine.js'
import type { EngineHandle } from '../engine/host.js'
import { isEngineModule } from '../engine/module.js'
import { checkSharedOptions, type SharedOptions } from './attach-options.js'
import { bankCount } from './banks.js'
import type { CacheHandle } from './cache-handle.js'
import type { ClockEpoch } from './clock.js'
import { InvalidOptionError } from './errors.js'

const KIND = 'hotset-cache'
const AS_POSTED = 'as postMessage or workerData delivers it'

export function createHandle(
  engines: readonly EngineHandle[],
  epoch: ClockEpoch,
  options: SharedOptions,
): CacheHandle {
  return { kind: KIND, layoutVersion: LAYOUT_VERSION, engines, epoch, options }
}

/** @throws InvalidOptionError where this is no handle, is a spoilt one, or one of another version of hotset */
export function checkHandle(handle: unknown): CacheHandle {
  const given = handle as Partial<CacheHandle> | null | undefined
  if (typeof given !== 'object' || given === null || given.kind !== KIND) {
    throw new InvalidOptionError('handle', handle, "the 'handle' of a SharedCache")
  }
  checkVersion(given.layoutVersion)
  const { maxBytes } = checkSharedOptions(given.options)
  checkEngines(given.engines, bankCount(maxBytes))
  checkEpoch(given.epoch)
  return given as CacheHandle
}

export function enginesOf(handle: CacheHandle): readonly EngineHandle[] {
  return handle.engines as readonly EngineHandle[]
}

function checkEngines(engines: unknown, count: number): void {
  if (!Array.isArray(engines) || engines.length !== count) {
    const allowed = `the ${count} of the cache, each { memory, module }`
    throw new InvalidOptionError('handle.engines', engines, allowed)
  }
  // Why not forEach: it leaves out what is missing.
  for (let index = 0; index < count; index++) {
    checkEngine(engines[index], `handle.engines[${index}]`)
  }
}

function checkEngine(engine: Partial<EngineHandle> | null | undefined, option: string): void {
  if (typeof engine !== 'object' || engine === null) {
    throw new InvalidOptionError(option, engine, '{ memory, module }')
  }
  const { memory, module } = engine
  const allowed = `${AS_POSTED}, not written as text (JSON) or copied`
  if (memory === undefined || !isSharedMemory(memory)) {
    throw new InvalidOptionError(`${option}.memory`, memory, `the shared memory, ${allowed}`)
  }
  // Why of the memory too: only that tells how it was formatted.
  checkVersion(Engine.layoutVersion(memory))
  if (!isWholeBank(memory)) {
    throw new InvalidOptionError(`${option}.memory`, memory, `all of the memory, ${allowed}`)
  }
  if (!isEngineModule(module)) {
    throw new InvalidOptionError(`${option}.module`, module, `the compiled engine, ${allowed}`)
  }
}

function checkEpoch(epoch: Partial<ClockEpoch> | undefined | null): void {
  if (Number.isFinite(epoch?.start) && Number.isFinite(epoch?.monotonicStart)) return
  const allowed = '{ start, monotonicStart } of the cache, in milliseconds'
  throw new InvalidOptionError('handle.epoch', epoch, allowed)
}

function checkVersion(version: number | undefined): void {
  if (version === LAYOUT_VERSION) return
  const allowed = `${LAYOUT_VERSION}: all threads need the same version of hotset`
  throw new InvalidOptionError('handle.layoutVersion', version, allowed)
}
