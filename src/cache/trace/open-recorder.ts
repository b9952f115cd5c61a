/**
 * Opens the trace of one thread, and sees to it that it is written when the thread ends without close().
 *
 * 1. The secret of the hash comes out of the cache's own seed, by a function that cannot be turned round: it
 *    is the same in all threads of the cache, and stands nowhere else.
 */
import { requireBuiltin } from '../../engine/builtins.js'
import type { Engine } from '../../engine/engine.js'
import type { CacheClock } from '../clock.js'
import { describe } from '../errors.js'
import type { NearCache } from '../near-cache.js'
import type { ResolvedOptions } from '../options.js'
import { blockBytes } from './block.js'
import { SECRET_WORDS } from './key-hash.js'
import { KEY_HASH, KEY_TEXT } from './layout.js'
import { recordEngine } from './recorded-engine.js'
import { Recorder } from './recorder.js'
import { TraceFile } from './trace-file.js'

const KEY_SET_BYTES = 8
const PURPOSE = 'hotset trace'

/** Those of this thread that are not closed. */
const open = new Set<Recorder>()

/**
 * From now on all accesses of the cache are recorded.
 * @throws InvalidOptionError where the file cannot be created
 */
export function openRecorder(
  options: ResolvedOptions,
  banks: readonly Engine[],
  near: NearCache | undefined,
  clock: CacheClock,
): Recorder | undefined {
  if (options.trace === undefined) return undefined
  const { threadId }: typeof import('node:worker_threads') = requireBuiltin('node:worker_threads')
  const { path, maxBytes, keys } = options.trace
  const keyKind = keys === 'plain' ? KEY_TEXT : KEY_HASH
  const file = new TraceFile(path, threadId, maxBytes, blockBytes(keyKind), (error) =>
    recorder.fail(error),
  )
  const recorder = new Recorder({
    file,
    options: options.trace,
    clock,
    isEachTimed: options.clock !== undefined,
    thread: threadId,
    ...deriveKeys(banks[0].seed),
    onFailure: (error) => report(options, file.path, error),
  })
  for (const engine of banks) recordEngine(engine, recorder, clock)
  if (near !== undefined) near.recorder = recorder
  if (open.size === 0) process.on('exit', closeAll)
  open.add(recorder)
  return recorder
}

export function closeRecorder(recorder: Recorder): void {
  recorder.close()
  if (open.delete(recorder) && open.size === 0) process.off('exit', closeAll)
}

function closeAll(): void {
  for (const recorder of open) recorder.close()
}

function deriveKeys(seed: Uint8Array): { secret: Int32Array; keySet: Uint8Array } {
  const { createHash }: typeof import('node:crypto') = requireBuiltin('node:crypto')
  const digest = createHash('sha512').update(PURPOSE).update(seed).digest()
  const secret = Int32Array.from({ length: SECRET_WORDS }, (_, word) =>
    digest.readInt32LE(word * 4),
  )
  return { secret, keySet: digest.subarray(-KEY_SET_BYTES) }
}

function report({ onError, name }: ResolvedOptions, path: string, error: unknown): void {
  if (onError === undefined) {
    const message = `Cache '${name}' records no more accesses to ${path}: ${describe(error)}`
    process.emitWarning(message, 'HotsetTraceWarning')
    return
  }
  try {
    onError(error, '')
  } catch {
    // Why: thrown from a write in the background, it would end the process.
  }
}
