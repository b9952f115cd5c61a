/** What a write has come to, tier by tier. */

/**
 * 'stored': the tier has it (or, of a delete, has it no more). 'refused': it did not take it: too large, no room,
 * or the key had changed meanwhile. 'failed': the tier could not be reached; its copy is not answered from, and is
 * made safe when it is back.
 */
export type TierOutcome = 'stored' | 'refused' | 'failed'

export interface WriteResult {
  /** Whether no tier failed. */
  readonly ok: boolean
  /** By the names of the tiers. */
  readonly tiers: Readonly<Record<string, TierOutcome>>
}

export interface DeleteResult extends WriteResult {
  /** How many of the keys some tier had. */
  readonly deleted: number
}

export function createResult(tiers: Record<string, TierOutcome>): WriteResult {
  return { ok: !Object.values(tiers).includes('failed'), tiers }
}

/** Of several writes: what is worst of each tier. */
export function worstOf(results: readonly WriteResult[]): WriteResult {
  const tiers: Record<string, TierOutcome> = {}
  for (const result of results) {
    for (const [name, outcome] of Object.entries(result.tiers)) {
      if (SEVERITY[outcome] > SEVERITY[tiers[name] ?? 'stored'] || !(name in tiers)) {
        tiers[name] = outcome
      }
    }
  }
  return createResult(tiers)
}

const SEVERITY: Record<TierOutcome, number> = { stored: 0, refused: 1, failed: 2 }
