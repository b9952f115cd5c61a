/** A way to break one word of a bank's memory, and the invariant that no longer holds then. */
import type { PolicyName } from './verify-bank.js'
import type { VerifyMemory } from './verify-memory.js'

export interface Breakage {
  invariant: number
  /** lru unless said. */
  policy?: PolicyName
  /** In words that follow 'where'. */
  what: string
  act(memory: VerifyMemory, shard: number): void
}

/** An entry of the wheel. */
export function findTimed(memory: VerifyMemory, shard: number): number {
  return memory.findEntry(shard, (at) => memory.isTimed(at))
}
