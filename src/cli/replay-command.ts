/**
 * `hotset replay`: one pass for each implementation, one after the other, then the report.
 *
 * 1. stdout gets the result and nothing else; the progress bar goes to stderr.
 * 2. Options and files are checked before the first pass begins.
 * 3. A cache that fails does not take the other's result with it.
 */

import { TraceError, UsageError } from '../replay/errors.js'
import { PassError, runPassInThread } from '../replay/pass-thread.js'
import {
  IMPLEMENTATIONS,
  type Implementation,
  type PassResult,
  type ReplaySpec,
} from '../replay/spec.js'
import { describeFiles } from '../replay/trace.js'
import { curveCommand } from './curve-command.js'
import { REPLAY_HELP } from './help.js'
import { createProgress } from './progress.js'
import { parseReplayOptions, type ReplayOptions } from './replay-options.js'
import { createReport, type FailedPass, isSound, type ReplayReport } from './report.js'
import { renderReport } from './table.js'

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
  if (options.curve !== undefined) return curveCommand(options, options.curve)
  const spec = await createSpec(options)
  const report = await run(spec)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))
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

async function run(spec: ReplaySpec): Promise<ReplayReport> {
  const progress = createProgress(process.stderr)
  const passes: (PassResult | FailedPass)[] = []
  try {
    for (const [index, implementation] of IMPLEMENTATIONS.entries()) {
      const onProgress = (share: number) =>
        progress.update((index + share) / IMPLEMENTATIONS.length, implementation.padEnd(9))
      passes.push(await runOrFail(implementation, spec, onProgress))
    }
  } finally {
    progress.stop()
  }
  const results = Object.fromEntries(
    passes.map((pass) => [pass.implementation, pass]),
  ) as ReplayReport['results']
  return createReport(spec, results)
}

async function runOrFail(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: (share: number) => void,
): Promise<PassResult | FailedPass> {
  try {
    return await runPassInThread(implementation, spec, onProgress)
  } catch (error) {
    if (!(error instanceof PassError)) throw error
    if (USAGE_REASONS.has(error.reason)) throw new UsageError(error.message)
    if (error.reason === 'TraceError') throw new TraceError(error.message)
    return { implementation, failed: error.message }
  }
}
