/** What is said of a replay that was cut short. */
import { describe, expect, it } from 'vitest'
import { furthestPass, isPartial, type Pass, partialNotes } from '../../src/cli/partial.js'
import { createReport, isSound } from '../../src/cli/report.js'
import type { Implementation, PassResult, ReplaySpec } from '../../src/replay/spec.js'

const SPEC: ReplaySpec = {
  files: [],
  seed: 1,
  budget: { unit: 'entries', entries: 10 },
  policy: 'adaptive',
  ttlMs: 0,
  valueBytes: 100,
  near: true,
  threads: 2,
}

function passOf(implementation: Implementation, accesses: number, complete: boolean): PassResult {
  return {
    implementation,
    accesses,
    complete,
    wrongValues: 0,
    skippedLines: 0,
    brokenLines: 0,
    firstProblems: [] as PassResult['firstProblems'],
  } as PassResult
}

const WHOLE = [passOf('hotset', 5000, true), passOf('lru-cache', 5000, true)]
const SECOND_CUT = [passOf('hotset', 5000, true), passOf('lru-cache', 4096, false)]
const FIRST_CUT: Pass[] = [
  passOf('hotset', 4096, false),
  { implementation: 'lru-cache', missing: true },
]

describe('a replay', () => {
  it('is partial where a pass is cut short or missing', () => {
    expect([WHOLE, SECOND_CUT, FIRST_CUT].map(isPartial)).toEqual([false, true, true])
  })

  it('is not partial where a pass failed', () => {
    expect(isPartial([WHOLE[0], { implementation: 'lru-cache', failed: 'no heap' }])).toBe(false)
  })

  it('has of the trace what the pass that got furthest has', () => {
    expect(furthestPass(SECOND_CUT)?.implementation).toBe('hotset')
    expect(furthestPass([...SECOND_CUT].reverse())?.implementation).toBe('hotset')
    expect(furthestPass([{ implementation: 'hotset', missing: true }])).toBeUndefined()
  })
})

describe('what is said', () => {
  it('is nothing of a replay that is whole', () => {
    expect(partialNotes(WHOLE)).toEqual([])
  })

  it('is that figures of different parts cannot be compared', () => {
    expect(partialNotes(SECOND_CUT)).toEqual([
      'Interrupted: hotset replayed all 5,000 accesses; lru-cache replayed the first 4,096 accesses.',
      'The figures are of different parts of the trace: they cannot be compared.',
    ])
  })

  it('is which pass had not begun', () => {
    expect(partialNotes(FIRST_CUT)).toEqual([
      'Interrupted: hotset replayed the first 4,096 accesses; lru-cache had not begun.',
    ])
  })
})

describe('the report', () => {
  it('is marked as partial, sound, and compares nothing', () => {
    const [hotset, lruCache] = SECOND_CUT
    const report = createReport(SPEC, { hotset, 'lru-cache': lruCache })
    expect(report).toMatchObject({ partial: true, trace: { accesses: 5000 } })
    expect(report.notes.join()).not.toContain('One hotset for')
    expect(isSound(report)).toBe(true)
  })
})
