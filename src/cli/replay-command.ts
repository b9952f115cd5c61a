/**
 * `hotset replay`: one pass for each implementation, one after the other, then the report.
 *
 * 1. stdout gets the result and nothing else; the progress bar goes to stderr.
 * 2. Options and files are checked before the first pass begins.
 * 3. A cache that fails does not take the other's result with it.
 * 4. The first Ctrl-C ends the pass under way, drops those to come, and shows what there is.
 */

import { TraceError, UsageError } from '../replay/errors.js'
import { PassError, runPassInThread } from '../replay/pass-thread.js'
import {
  IMPLEMENTATIONS,
  type Implementation,
  type OnProgress,
  type ReplaySpec,
} from '../replay/spec.js'
import { StopFlag } from '../replay/stop-flag.js'
import { describeFiles } from '../replay/trace.js'
import { REPLAY_HELP } from './help.js'
import { INTERRUPTED, watchInterrupts } from './interrupt.js'
import type { Pass } from './partial.js'
import { createProgress, type Progress } from './progress.js'
import { parseReplayOptions, type ReplayOptions } from './replay-options.js'
import { createReport, isSound, type ReplayReport } from './report.js'
import { renderReport } from './table.js'

const STOPPING =
  'Stopping: what there is will be shown. Ctrl-C again ends the command at once, without it.\n'
/** Of the longest label: the bar does not move when it changes. */
const LABEL_CHARACTERS = 13

/** Errors of a pass that the user can put right by another option. */
const USAGE_REASONS = new Set(['InvalidOptionError', 'UsageError'])

/**
 * @returns the exit code
 * @throws UsageError, InvalidOptionError, TraceError
 */
export async function replayCommand(args: string[]): Promise<number> {
  const options = parseReplayOptions(args)
  if (options.help) {
    process.stdout.write(REPLAY_HELP)
    return 0
  }
  const spec = await createSpec(options)
  const report = await run(spec, options.progress)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))
  if (report.partial) return INTERRUPTED
  return isSound(report) ? 0 : 1
}

async function createSpec(options: ReplayOptions): Promise<ReplaySpec> {
  const { files, format, formatOptions } = options
  const { seed, budget, policy, ttlMs, valueBytes, near, threads, limit } = options
  return {
    files: await describeFiles(files, format, formatOptions),
    seed,
    budget,
    policy,
    ttlMs,
    valueBytes,
    near,
    threads,
    limit,
  }
}

async function run(spec: ReplaySpec, showLines: boolean): Promise<ReplayReport> {
  const progress = createProgress(process.stderr, { lines: showLines })
  const stop = new StopFlag()
  const release = watchInterrupts({
    stop,
    onStop: () => {
      progress.stop()
      process.stderr.write(STOPPING)
    },
  })
  try {
    return createReport(spec, await runPasses(spec, progress, stop))
  } finally {
    release()
    progress.stop()
  }
}

async function runPasses(
  spec: ReplaySpec,
  progress: Progress,
  stop: StopFlag,
): Promise<ReplayReport['results']> {
  const count = IMPLEMENTATIONS.length
  const passes: [Implementation, Pass][] = []
  for (const [index, implementation] of IMPLEMENTATIONS.entries()) {
    const label = `${implementation} ${index + 1}/${count}`.padEnd(LABEL_CHARACTERS)
    const onProgress: OnProgress = (share, accesses) => {
      // Why: nothing is to come after what was said of the Ctrl-C.
      if (!stop.isSet) progress.update((index + share) / count, label, accesses)
    }
    passes.push([implementation, await runOrFail(implementation, spec, onProgress, stop)])
  }
  return Object.fromEntries(passes) as ReplayReport['results']
}

async function runOrFail(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: OnProgress,
  stop: StopFlag,
): Promise<Pass> {
  if (stop.isSet) return { implementation, missing: true }
  try {
    const result = await runPassInThread(implementation, spec, onProgress, stop)
    const hasBegun = result.complete || result.accesses > 0
    return hasBegun ? result : { implementation, missing: true }
  } catch (error) {
    if (!(error instanceof PassError)) throw error
    if (USAGE_REASONS.has(error.reason)) throw new UsageError(error.message)
    if (error.reason === 'TraceError') throw new TraceError(error.message)
    return { implementation, failed: error.message }
  }
}
