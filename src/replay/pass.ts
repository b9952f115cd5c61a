/**
 * One pass: one implementation, its own cache, all the accesses, and what came of it.
 *
 * 1. Everything a pass needs is in its spec, which can be posted to another thread.
 * 2. Before it is measured, the code has run on a small cache of the same kind: what is timed is the
 *    cache, not the compiler.
 * 3. The heap is measured after a collection, with the cache full, less what it was before.
 * 4. When it is told to stop, it ends before the next block with what it has.
 *
 * With several threads it is threads/threaded-pass.ts, of which the same holds.
 */
import { ReplayClock } from './clock.js'
import { usedHeapBytes } from './heap.js'
import {
  createTarget,
  openSource,
  passResult,
  runOptions,
  shareDone,
  warmUp,
} from './pass-parts.js'
import { replay } from './runner.js'
import type { Implementation, OnProgress, PassResult, ReplaySpec } from './spec.js'
import { StopFlag } from './stop-flag.js'
import { runThreadedPass } from './threads/threaded-pass.js'

export async function runPass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: OnProgress = () => {},
  stop = new StopFlag(),
): Promise<PassResult> {
  return spec.threads === 1
    ? runSinglePass(implementation, spec, onProgress, stop)
    : runThreadedPass(implementation, spec, onProgress, stop)
}

async function runSinglePass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: OnProgress,
  stop: StopFlag,
): Promise<PassResult> {
  await warmUp(implementation, spec)

  const { source, problems } = openSource(spec)
  const clock = source.hasTime ? new ReplayClock() : undefined
  const heapBeforeBytes = await usedHeapBytes()
  const target = createTarget(implementation, spec, clock)
  const options = runOptions(spec, clock)
  const run = await replay(target, source, {
    ...options,
    onBlock: (accesses) => onProgress(shareDone(source, accesses, options.limit), accesses),
    stop,
  })

  const heapBytes = Math.max(0, (await usedHeapBytes()) - heapBeforeBytes)
  const result = passResult(implementation, run, target.summary(), heapBytes, problems)
  target.close()
  return result
}
