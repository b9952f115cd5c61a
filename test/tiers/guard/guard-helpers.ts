/** A guard around a ScriptedTier, and what it told of. Time is vitest's: the tests move it on. */
import { vi } from 'vitest'
import type { TellEvent, TierEventName } from '../../../src/tiers/events.js'
import { GuardedTier, type GuardOptions, resolveGuard } from '../../../src/tiers/guard/index.js'
import type { TierHost } from '../../../src/tiers/tier.js'
import { ScriptedTier } from '../support/scripted-tier.js'

export interface Told {
  readonly name: TierEventName
  readonly event: Record<string, unknown>
}

export const HOST: TierHost = {
  cacheName: 'test',
  now: () => Date.now(),
  news: () => undefined,
  problem: () => undefined,
}

export function guarded<Kind extends ScriptedTier = ScriptedTier>(
  options: GuardOptions = {},
  tier: Kind = new ScriptedTier() as Kind,
): {
  tier: Kind
  guard: GuardedTier
  told: Told[]
  names: () => TierEventName[]
} {
  const told: Told[] = []
  const tell: TellEvent = (name, event) => {
    told.push({ name, event: event as unknown as Record<string, unknown> })
  }
  const guard = new GuardedTier(tier, resolveGuard(options), HOST, tell)
  return { tier, guard, told, names: () => told.map(({ name }) => name) }
}

/** Moves time on until the call has its answer; fails where that takes more than a minute. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  let isDone = false
  const done = (): void => {
    isDone = true
  }
  call.then(done, done)
  for (let stepCount = 0; stepCount < 6000 && !isDone; stepCount++) {
    await vi.advanceTimersByTimeAsync(10)
  }
  if (!isDone) throw new Error('no answer within a minute')
  return call
}

/** Long enough for every pause between two looks at a tier. */
export async function recover(): Promise<void> {
  await vi.advanceTimersByTimeAsync(3000)
}
