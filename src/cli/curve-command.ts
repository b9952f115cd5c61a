/**
 * `hotset replay` with several policies or --sizes: one pass over the trace, then the curve.
 *
 * 1. stdout gets the result and nothing else; the progress bar goes to stderr.
 * 2. Options, files and the place of the chart are checked before the trace is read.
 * 3. Ctrl-C prints what there is: while the trace is read, the curve of what was read; later, the points
 *    that are done. A second one ends the command.
 */
import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type CurveHooks, type CurvePhase, runCurve } from '../replay/curve/curve.js'
import type { CurveSpec } from '../replay/curve/spec.js'
import { UsageError } from '../replay/errors.js'
import { describeFiles } from '../replay/trace.js'
import type { CurveOptions } from './curve-options.js'
import { type CurveReport, createCurveReport, isComplete } from './curve-report.js'
import { renderCurveSvg } from './curve-svg.js'
import { renderCurve } from './curve-table.js'
import { createProgress, type Progress } from './progress.js'
import type { ReplayOptions } from './replay-options.js'

/**
 * @returns the exit code
 * @throws UsageError, InvalidOptionError, TraceError
 */
export async function curveCommand(options: ReplayOptions, curve: CurveOptions): Promise<number> {
  if (curve.svg !== undefined) await mustBeWritable(curve.svg)
  const spec = await createSpec(options, curve)
  const report = await run(spec)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderCurve(report))
  if (curve.svg !== undefined) await writeFile(curve.svg, renderCurveSvg(report))
  return isComplete(report) ? 0 : 1
}

async function createSpec(options: ReplayOptions, curve: CurveOptions): Promise<CurveSpec> {
  const { files, format, formatOptions, seed, ttlMs, valueBytes, limit } = options
  const { policies, sizes, maxSample } = curve
  return {
    files: await describeFiles(files, format, formatOptions),
    seed,
    policies,
    sizes,
    ttlMs,
    valueBytes,
    maxSample,
    limit,
  }
}

async function run(spec: CurveSpec): Promise<CurveReport> {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  const progress = new PhasedProgress()
  try {
    const hooks: CurveHooks = {
      signal: stop.signal,
      onProgress: (phase, share) => progress.update(phase, share),
    }
    return createCurveReport(spec, await runCurve(spec, hooks))
  } finally {
    process.off('SIGINT', onInterrupt)
    progress.stop()
  }
}

/** A bar for each phase, one after the other. */
class PhasedProgress {
  private phase: CurvePhase | undefined
  private bar: Progress | undefined

  update(phase: CurvePhase, share: number): void {
    if (phase !== this.phase) {
      this.stop()
      this.phase = phase
      this.bar = createProgress(process.stderr)
    }
    this.bar?.update(share, phase.padEnd('simulating'.length))
  }

  stop(): void {
    this.bar?.stop()
  }
}

async function mustBeWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw new UsageError(`Cannot write --svg ${path}: ${(error as Error).message}`)
  }
}
