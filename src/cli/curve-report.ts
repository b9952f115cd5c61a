/**
 * What a curve found, as `--json` prints it and table, plot and chart show it.
 *
 * Names in it are a contract: fields may be added, those here keep their meaning. Ratios are from 0 to 1.
 */
import type { Advice } from '../replay/curve/advice/spec.js'
import type { CurveOutcome } from '../replay/curve/curve.js'
import { KEY_GROUPS } from '../replay/curve/sample.js'
import { FEW_OBJECTS, OBJECT_OVERHEAD_BYTES } from '../replay/curve/sizes.js'
import type { Curve, CurveResult, CurveSpec, CurveUnit } from '../replay/curve/spec.js'
import { adviceText } from './curve-advice.js'
import { describeMachine, type ReplayReport, traceNotes } from './report.js'

export interface CurveReport {
  trace: ReplayReport['trace']
  settings: {
    policies: string[]
    /** As they were asked for. */
    sizes: string[]
    ttlMs: number
    valueBytes: number
    /** Requests kept at most; null: all. */
    maxSample: number | null
    limit: number | undefined
  }
  machine: ReplayReport['machine']
  /** `rate`: the share of the keys whose requests were used; 1: all. */
  sample: CurveResult['sample']
  /** Of all distinct objects; estimates where keys were sampled. */
  workingSet: CurveResult['workingSet']
  /** Of the sizes. */
  unit: CurveUnit
  /** Whether the trace gives sizes: byte hit ratios say nothing new where it does not. */
  hasSizes: boolean
  sizes: { label: string; size: number; share: number }[]
  curves: Curve[]
  /** What follows from the curves: figures, and `text`, which says them in a sentence or two. */
  advice: (Advice & { text: string })[]
  /** Ctrl-C cut it short. */
  partial: boolean
  /** What the reader should know, in sentences. */
  notes: string[]
}

export function createCurveReport(
  spec: CurveSpec,
  { result, problems }: CurveOutcome,
): CurveReport {
  const { requests, ...totals } = result.totals
  const trace = {
    files: spec.files.map(({ path, format }) => ({ path, format })),
    seed: spec.files.length > 0 ? undefined : spec.seed,
    accesses: requests,
    ...totals,
    brokenLines: problems?.broken ?? 0,
    skippedLines: problems?.skipped ?? 0,
    firstProblems: problems?.first ?? [],
  }
  const { sample, workingSet, unit, hasSizes, curves, advice, interrupted } = result
  return {
    trace,
    settings: {
      policies: spec.policies,
      sizes: spec.sizes.map(({ label }) => label),
      ttlMs: spec.ttlMs,
      valueBytes: spec.valueBytes,
      maxSample: Number.isFinite(spec.maxSample) ? spec.maxSample : null,
      limit: spec.limit,
    },
    machine: describeMachine(),
    sample,
    workingSet,
    unit,
    hasSizes,
    sizes: result.sizes.map(({ label, size, share }) => ({ label, size, share })),
    curves,
    advice: advice.map((item) => ({ ...item, text: adviceText(item, unit) })),
    partial: interrupted,
    notes: [...traceNotes({ ...trace, notCacheable: 0 }), ...curveNotes(spec, result)],
  }
}

/** Whether no point failed. */
export function isComplete({ curves }: CurveReport): boolean {
  return curves.every(({ points }) => points.every((point) => !('failed' in point)))
}

function curveNotes(spec: CurveSpec, result: CurveResult): string[] {
  const notes: string[] = []
  if (result.interrupted) {
    notes.push(
      'Interrupted: the curves are of what had been read, or have the points that were done.',
    )
  }
  if (result.sample.rate < 1) notes.push(...sampleNotes(result))
  if (result.unit === 'bytes') {
    notes.push(
      `In bytes an object counts its value, its key and ${OBJECT_OVERHEAD_BYTES} bytes: about what it takes in hotset.`,
    )
  }
  if (result.unit === 'bytes' && result.curves.some(({ policy }) => policy === 'opt')) {
    notes.push('With sizes opt is an approximation, and no bound.')
  }
  if (result.ignoresLifetimes) {
    notes.push('The lifetimes in the trace were not used: it has no times.')
  }
  if (spec.advice === true && result.advice.length === 0 && !result.interrupted) {
    notes.push(noAdvice(result))
  }
  for (const { policy, points } of result.curves) {
    for (const point of points) {
      if ('failed' in point) notes.push(`${policy} failed at ${point.size}: ${point.failed}.`)
    }
  }
  return notes
}

function noAdvice({ sample }: CurveResult): string {
  if (sample.rate === 1) return 'No advice: there is too little evidence for any.'
  return 'No advice: the errors are too large to give any: use a larger --sample, or --exact.'
}

function sampleNotes({ sample, totals, sizes, workingSet, unit }: CurveResult): string[] {
  const { rate, requests } = sample
  const notes = [
    `Sampled: the ${whole(requests)} requests for ${(rate * 100).toPrecision(3)}% of the keys, of ` +
      `${whole(totals.requests)}. After ± stands the standard error, by how ${KEY_GROUPS} groups of keys differ.`,
  ]
  if (requests === 0) {
    notes.push('Few keys make nearly all requests, and none of them is in the sample: use --exact.')
    return notes
  }
  const perObject = unit === 'entries' ? 1 : workingSet.bytes / Math.max(1, workingSet.objects)
  const small = sizes.filter(({ capacity }) => capacity / perObject < FEW_OBJECTS)
  if (small.length > 0) {
    notes.push(
      `At ${small.map(({ label }) => label).join(', ')} the sample fills a cache of fewer than ${FEW_OBJECTS} ` +
        'objects, too few to tell: use a larger --sample, or --exact.',
    )
  }
  return notes
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}
