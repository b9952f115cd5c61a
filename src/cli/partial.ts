/** What became of the passes of a replay, and what to say where Ctrl-C cut it short. */
import type { Implementation, PassResult } from '../replay/spec.js'

export interface FailedPass {
  implementation: Implementation
  failed: string
}

/** Ctrl-C came before its first access. */
export interface MissingPass {
  implementation: Implementation
  missing: true
}

export type Pass = PassResult | FailedPass | MissingPass

export function isResult(pass: Pass): pass is PassResult {
  return !('failed' in pass) && !('missing' in pass)
}

export function isPartial(passes: readonly Pass[]): boolean {
  return passes.some((pass) => 'missing' in pass || (isResult(pass) && !pass.complete))
}

/** Of the passes that got furthest into the trace, the first. */
export function furthestPass(passes: readonly Pass[]): PassResult | undefined {
  return passes
    .filter(isResult)
    .reduce<PassResult | undefined>(
      (furthest, pass) =>
        furthest === undefined || pass.accesses > furthest.accesses ? pass : furthest,
      undefined,
    )
}

/** Sentences: which passes are whole, which are not, and whether they can be compared. */
export function partialNotes(passes: readonly Pass[]): string[] {
  if (!isPartial(passes)) return []
  const counts = new Set(passes.filter(isResult).map(({ accesses }) => accesses))
  const notes = [`Interrupted: ${passes.map(describe).join('; ')}.`]
  if (counts.size > 1) {
    notes.push('The figures are of different parts of the trace: they cannot be compared.')
  }
  return notes
}

function describe(pass: Pass): string {
  if ('failed' in pass) return `${pass.implementation} failed`
  if ('missing' in pass) return `${pass.implementation} had not begun`
  const accesses = `${pass.accesses.toLocaleString('en')} accesses`
  return `${pass.implementation} replayed ${pass.complete ? `all ${accesses}` : `the first ${accesses}`}`
}
