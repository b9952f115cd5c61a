// What a walk found, as pairs (number of the invariant, where) in the thread's area. The numbers' sentences
// are in src/engine/invariants.ts. All are counted, the first MAX_PROBLEMS are kept.

import { MAX_PROBLEMS, THREAD_PROBLEM_COUNT, THREAD_PROBLEMS } from '../constants'
import { Thread } from '../struct/thread'

export class Problems {
  static reset(): void {
    Thread.set(THREAD_PROBLEM_COUNT, 0)
  }

  static count(): u32 {
    return Thread.get(THREAD_PROBLEM_COUNT)
  }

  static report(invariant: u32, where: u32): void {
    const count = Problems.count()
    Thread.set(THREAD_PROBLEM_COUNT, count + 1)
    if (count >= MAX_PROBLEMS) return
    Thread.set(THREAD_PROBLEMS + (count << 3), invariant)
    Thread.set(THREAD_PROBLEMS + (count << 3) + 4, where)
  }

  /** Reports the invariant unless it holds; tells whether it does. */
  static check(holds: bool, invariant: u32, where: u32): bool {
    if (!holds) Problems.report(invariant, where)
    return holds
  }
}
