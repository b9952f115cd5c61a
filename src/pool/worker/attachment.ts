/**
 * A pool's thread and what it works with: the user's module, and its part in the cache.
 *
 * 1. Both are fetched when first needed, once; a failure is the task's that met it, and the next task
 *    tries again.
 * 2. The part in the cache ends when the thread does, as far as the thread is told (process.exit, an
 *    uncaught error); where it is not (terminate), others take back what it held.
 */
import { workerData } from 'node:worker_threads'
import type { AttachOptions } from '../../cache/attach-options.js'
import { SharedCache } from '../../cache/shared-cache.js'
import { LoaderModuleError, UnknownLoaderError } from '../errors.js'
import type { PoolWorkerData } from '../protocol.js'

export const poolData = workerData as PoolWorkerData

// biome-ignore lint/complexity/noBannedTypes: what a module exports is not known here
type Exports = Record<string, Function | object | undefined>

let module: Promise<Exports> | undefined
let cache: Promise<SharedCache> | undefined

/** @throws LoaderModuleError, UnknownLoaderError */
export async function findLoader(
  name: string,
): Promise<(args: unknown, context: unknown) => unknown> {
  const exports = await loadModule()
  const loader = Object.hasOwn(exports, name) ? exports[name] : undefined
  if (typeof loader === 'function') return loader as (args: unknown, context: unknown) => unknown
  const known = Object.keys(exports).filter((each) => typeof exports[each] === 'function')
  throw new UnknownLoaderError(name, poolData.filename, known)
}

/** @throws TooManyThreadsError, InvalidOptionError, LoaderModuleError */
export function openCache(): Promise<SharedCache> {
  cache ??= attach().catch((error) => {
    cache = undefined
    throw error
  })
  return cache
}

export async function closeCache(): Promise<void> {
  const open = await cache
  open?.close()
}

async function attach(): Promise<SharedCache> {
  const attached = SharedCache.attach(poolData.handle, await readAttachOptions())
  process.once('exit', () => attached.close())
  return attached
}

/** Why only then: a pool's maintenance needs no more of the module than this. */
export async function readAttachOptions(): Promise<AttachOptions | undefined> {
  const { attachOptions } = await loadModule()
  return attachOptions as AttachOptions | undefined
}

function loadModule(): Promise<Exports> {
  module ??= importModule().catch((error) => {
    module = undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new LoaderModuleError(poolData.filename, reason, { cause: error })
  })
  return module
}

async function importModule(): Promise<Exports> {
  const namespace = await import(poolData.filename)
  // Why the default too: not all exports of a CommonJS module are seen as names.
  const { default: whole } = namespace
  return typeof whole === 'object' && whole !== null ? { ...whole, ...namespace } : namespace
}
