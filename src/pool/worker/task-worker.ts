/**
 * What a pool's threads run: Piscina calls `runTask` for every task.
 *
 * 1. It never throws: an error is a reply, so that what Piscina itself reports is a thread's end.
 * 2. A value that is in the cache when the load is over is not posted. One that is not (refused,
 *    deleted, evicted at once) is packed as the cache would have stored it, and transferred.
 * 3. Nothing of a task goes on when its reply is posted: between tasks the thread may sleep without
 *    an event loop.
 */
import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { LoaderContext } from '../../cache/loading.js'
import { insideOf, type SharedCache } from '../../cache/shared-cache.js'
import { packError } from '../error-transport.js'
import {
  type LoadRequest,
  REPLY_CANCELLED,
  REPLY_NOTHING,
  REPLY_STORED,
  type RetireRequest,
  type RunRequest,
  type TaskRequest,
  type WorkerReply,
  type WorkerRequest,
} from '../protocol.js'
import { closeCache, findLoader, openCache, poolData } from './attachment.js'
import { Cancellation } from './cancellation.js'

export async function runTask(request: WorkerRequest): Promise<unknown> {
  switch (request.kind) {
    case 'nudge':
      return REPLY_NOTHING
    case 'retire':
      return retire(request)
    default:
      return runCancellable(request)
  }
}

async function runCancellable(request: TaskRequest): Promise<unknown> {
  const cancellation = new Cancellation(request.state)
  if (!cancellation.begin()) return REPLY_CANCELLED
  try {
    return request.kind === 'load'
      ? postable(await load(request, cancellation))
      : postableResult(await run(request, cancellation))
  } catch (error) {
    return { error: packError(error) } satisfies WorkerReply
  } finally {
    await cancellation.end()
  }
}

async function load(request: LoadRequest, cancellation: Cancellation): Promise<WorkerReply> {
  const { key, cause, options, mustPost } = request
  const cache = await openCache()
  let loading: Promise<unknown> | undefined
  const loader = (context: LoaderContext): Promise<unknown> => {
    loading = call(request, cache, cancellation, context)
    return loading
  }
  const finding = cache.getOrSet(key, loader, {
    ...options,
    forceFresh: cause === 'forced',
    signal: cancellation.signal,
  })
  // Why: this task waits for another's load, so no loader looks at this one's signal.
  if (loading === undefined) cancellation.watch()
  const found = await finding
  // Why: a refresh ahead of expiry goes on in the background, and must not outlive the task; and where
  // the cache answers an old value for a failed load, whether that will do is for the caller to decide.
  const value = loading === undefined ? found : await loading
  if (value === undefined) return REPLY_NOTHING
  if (!mustPost && cache.has(key)) return REPLY_STORED
  return { packed: insideOf(cache).pack(value) }
}

async function run(request: RunRequest, cancellation: Cancellation): Promise<unknown> {
  return call(request, await openCache(), cancellation)
}

async function call(
  request: TaskRequest,
  cache: SharedCache,
  cancellation: Cancellation,
  flight?: LoaderContext,
): Promise<unknown> {
  const loader = await findLoader(request.loader)
  const isShared = request.kind === 'load' && request.cause !== 'due'
  return loader(request.args, {
    ...(flight !== undefined && { key: flight.key }),
    cache,
    workerData: poolData.workerData,
    get signal() {
      cancellation.watch()
      // Why the flight's: another task may have joined it, and go on waiting.
      return isShared && flight !== undefined ? flight.signal : cancellation.signal
    },
  })
}

/** A packed value's bytes are its own: they are transferred. */
function postable(reply: WorkerReply): unknown {
  if (typeof reply !== 'object' || !('packed' in reply)) return reply
  return move({ [transferableSymbol]: reply.packed.bytes.buffer, [valueSymbol]: reply })
}

/** What a loader of `run` returns may be Piscina's move(). */
function postableResult(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(transferableSymbol in value)) {
    return { value } satisfies WorkerReply
  }
  const moved = value as { [transferableSymbol]: object; [valueSymbol]: unknown }
  const reply: WorkerReply = { value: moved[valueSymbol] }
  return move({ [transferableSymbol]: moved[transferableSymbol], [valueSymbol]: reply })
}

async function retire({ arrivals, count }: RetireRequest): Promise<WorkerReply> {
  await closeCache()
  const arrived = Atomics.add(arrivals, 0, 1) + 1
  if (arrived >= count) {
    Atomics.notify(arrivals, 0)
    return REPLY_NOTHING
  }
  // Why wait: a thread that is done would be given another's retirement.
  for (let seen = arrived; seen < count; seen = Atomics.load(arrivals, 0)) {
    const { async, value } = Atomics.waitAsync(arrivals, 0, seen)
    if (async) await value
  }
  return REPLY_NOTHING
}
