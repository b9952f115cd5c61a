/**
 * One pass: one implementation, its own cache, all the accesses, and what came of it.
 *
 * 1. Everything a pass needs is in its spec, which can be posted to another thread.
 * 2. Before it is measured, the code has run on a small cache of the same kind: what is timed is the
 *    cache, not the compiler.
 * 3. The heap is measured after a collection, with the cache full, less what it was before.
 *
 * With several threads it is threads/threaded-pass.ts, of which the same holds.
 */
import { ReplayClock } from './clock.js'
import { usedHeapBytes } from './heap.js'
import { createTarget, openSource, passResult, runOptions, warmUp } from './pass-parts.js'
import { replay } from './runner.js'
import type { Implementation, PassResult, ReplaySpec } from './spec.js'
import { runThreadedPass } from './threads/threaded-pass.js'

export async function runPass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: (share: number) => void = () => {},
): Promise<PassResult> {
  return spec.threads === 1
    ? runSinglePass(implementation, spec, onProgress)
    : runThreadedPass(implementation, spec, onProgress)
}

async function runSinglePass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: (share: number) => void,
): Promise<PassResult> {
  await warmUp(implementation, spec)

  const { source, problems } = openSource(spec)
  const clock = source.hasTime ? new ReplayClock() : undefined
  const heapBeforeBytes = await usedHeapBytes()
  const target = createTarget(implementation, spec, clock)
  const run = await replay(target, source, {
    ...runOptions(spec, clock),
    onBlock: () => onProgress(source.progress()),
  })

  const heapBytes = Math.max(0, (await usedHeapBytes()) - heapBeforeBytes)
  const result = passResult(implementation, run, target.summary(), heapBytes, problems)
  target.close()
  return result
}
