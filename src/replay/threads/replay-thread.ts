/**
 * One thread's part in a pass: its cache, or its attachment to the one of all, and its accesses.
 *
 * 1. What is not the cache's is done while no thread is timed: latencies are recorded when the next
 *    round is prepared.
 * 2. Nothing of a round is kept when the heap is measured but what the cache keeps.
 */

import type { Accesses } from '../access.js'
import { usedHeapBytes } from '../heap.js'
import { createTarget, runOptions, warmUp } from '../pass-parts.js'
import { Run } from '../runner.js'
import { HotsetTarget } from '../targets/hotset.js'
import type { ReplayTarget } from '../targets/target.js'
import type { ThreadPart, ThreadRequest } from './messages.js'
import { RoundClock } from './round-clock.js'
import { sharedNowMs } from './shared-time.js'
import { StartGate } from './start-gate.js'

export class ReplayThread {
  private readonly target: ReplayTarget
  private readonly gate: StartGate
  private run: Run | undefined
  private turn = 0

  private constructor(
    request: ThreadRequest,
    private readonly heapBeforeBytes: number,
  ) {
    const clock = request.clock && RoundClock.attach(request.clock)
    this.target = openTarget(request, clock)
    this.gate = new StartGate(request.gate)
    this.run = new Run(this.target, runOptions(request.spec, clock), request.shareAccesses)
  }

  static async start(request: ThreadRequest): Promise<ReplayThread> {
    await warmUp(request.implementation, request.spec)
    return new ReplayThread(request, await usedHeapBytes())
  }

  prepare(): void {
    this.turn = this.gate.turn
    this.run?.record()
  }

  /** @returns when it had done with them, on the clock of all threads */
  perform(accesses: Accesses): number {
    this.gate.pass(this.turn)
    this.run?.perform(accesses)
    return sharedNowMs()
  }

  /** Ends this thread's part: there are no more rounds. */
  async finish(): Promise<ThreadPart> {
    if (this.run === undefined) throw new Error('The thread has finished already')
    this.run.record()
    const { counts, latency } = this.run
    this.run = undefined
    const heapBytes = Math.max(0, (await usedHeapBytes()) - this.heapBeforeBytes)
    const summary = this.target.summary()
    this.target.close()
    return { counts, latency: latency.recorded, heapBytes, summary }
  }
}

function openTarget(request: ThreadRequest, clock: RoundClock | undefined): ReplayTarget {
  const { implementation, spec, handle, ownBudget } = request
  return handle === undefined
    ? createTarget(implementation, { ...spec, budget: ownBudget }, clock)
    : HotsetTarget.attach(handle, clock)
}
