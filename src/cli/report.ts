/**
 * What a replay found, as `--json` prints it and the table shows it.
 *
 * Names in it are a contract: fields may be added, those here keep their meaning.
 */
import { availableParallelism } from 'node:os'
import type { Problem } from '../replay/problems.js'
import type { Implementation, PassResult, ReplaySpec } from '../replay/spec.js'
import { compareThreads } from './comparison.js'
import { furthestPass, isPartial, isResult, type Pass, partialNotes } from './partial.js'

export interface ReplayReport {
  trace: {
    files: { path: string; format: string }[]
    /** Only of the built-in workload. */
    seed: number | undefined
    accesses: number
    reads: number
    writes: number
    deletes: number
    readBytes: number
    brokenLines: number
    skippedLines: number
    firstProblems: Problem[]
  }
  settings: Pick<
    ReplaySpec,
    'budget' | 'policy' | 'ttlMs' | 'valueBytes' | 'near' | 'threads' | 'limit'
  >
  machine: { node: string; platform: string; arch: string; cores: number }
  /** Whether Ctrl-C cut it short: a pass is missing, or not `complete`. */
  partial: boolean
  results: Record<Implementation, Pass>
  /** What the reader should know, in sentences. */
  notes: string[]
}

type Passes = ReplayReport['results']

export function createReport(spec: ReplaySpec, results: Passes): ReplayReport {
  const passes = Object.values(results)
  const done = furthestPass(passes)
  const { budget, policy, ttlMs, valueBytes, near, threads, limit } = spec
  return {
    trace: {
      files: spec.files.map(({ path, format }) => ({ path, format })),
      seed: spec.files.length > 0 ? undefined : spec.seed,
      accesses: done?.accesses ?? 0,
      reads: done?.reads ?? 0,
      writes: done?.writes ?? 0,
      deletes: done?.deletes ?? 0,
      readBytes: done?.readBytes ?? 0,
      brokenLines: done?.brokenLines ?? 0,
      skippedLines: done?.skippedLines ?? 0,
      firstProblems: done?.firstProblems ?? [],
    },
    settings: { budget, policy, ttlMs, valueBytes, near, threads, limit },
    machine: {
      node: process.version,
      platform: process.platform,
      arch: process.arch,
      cores: availableParallelism(),
    },
    partial: isPartial(passes),
    results,
    notes: notesOn(spec, results, done),
  }
}

/** Whether no cache failed, or returned anything but right values. */
export function isSound({ results }: ReplayReport): boolean {
  const passes = Object.values(results)
  return passes.every((pass) => 'missing' in pass || (isResult(pass) && pass.wrongValues === 0))
}

function notesOn(spec: ReplaySpec, results: Passes, done: PassResult | undefined): string[] {
  const passes = Object.values(results)
  const notes = partialNotes(passes)
  const { hotset, 'lru-cache': lruCaches } = results
  const comparable = isResult(hotset) && isResult(lruCaches) && !isPartial(passes)
  if (spec.threads > 1 && comparable) {
    notes.push(...compareThreads(spec.threads, availableParallelism(), hotset, lruCaches))
  }
  if (done !== undefined) notes.push(...traceNotes(done))
  for (const pass of passes) notes.push(...passNotes(spec, pass))
  return notes
}

function traceNotes(pass: PassResult): string[] {
  const notes = pass.firstProblems.map(
    ({ file, line, reason }) => `${file}:${line} is broken: ${reason}.`,
  )
  const unshown = pass.brokenLines - pass.firstProblems.length
  if (unshown > 0) notes.push(`${count(unshown, 'more line is', 'more lines are')} broken.`)
  if (pass.skippedLines > 0) {
    notes.push(
      `${count(pass.skippedLines, 'line was', 'lines were')} skipped: headers, marks, or requests other than GET and HEAD.`,
    )
  }
  if (pass.notCacheable > 0) {
    notes.push(
      `${count(pass.notCacheable, 'access is', 'accesses are')} to objects too large for the cache.`,
    )
  }
  if (pass.accesses === 0) notes.push('There are no accesses in the trace.')
  return notes
}

function passNotes(spec: ReplaySpec, pass: Pass): string[] {
  if ('missing' in pass) return []
  if ('failed' in pass) return [`${pass.implementation} failed: ${pass.failed}`]
  const notes: string[] = []
  if (pass.wrongValues > 0) {
    notes.push(`${pass.implementation} returned ${pass.wrongValues} wrong values: this is a bug.`)
  }
  if (pass.refused > 0) {
    notes.push(`${pass.implementation} refused ${count(pass.refused, 'object', 'objects')}.`)
  }
  const { budget } = spec
  if (budget.unit === 'entries' && pass.evictions > 0 && pass.entries < budget.entries) {
    notes.push(`${pass.implementation} holds fewer than its ${budget.entries} entries at the end.`)
  }
  return notes
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}
