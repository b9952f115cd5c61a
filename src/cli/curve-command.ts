/**
 * `hotset replay` with several policies or --sizes: one pass over the trace, then the curve.
 *
 * 1. stdout gets the result and nothing else; the progress bar goes to stderr.
 * 2. Options, files and the place of the chart are checked before the trace is read.
 * 3. Ctrl-C prints what there is: while the trace is read, the curve of what was read; later, the points
 *    that are done, and no advice but what is known by then. A second one ends the command.
 */
import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type CurvePhase, runCurve } from '../replay/curve/curve.js'
import type { CurveSpec } from '../replay/curve/spec.js'
import { UsageError } from '../replay/errors.js'
import { StopFlag } from '../replay/stop-flag.js'
import { describeFiles } from '../replay/trace.js'
import type { CurveOptions } from './curve-options.js'
import { type CurveReport, createCurveReport, isComplete } from './curve-report.js'
import { renderCurveSvg } from './curve-svg.js'
import { renderCurve } from './curve-table.js'
import { INTERRUPTED, STOPPING, watchInterrupts } from './interrupt.js'
import { createProgress, type Progress } from './progress.js'
import type { ReplayOptions } from './replay-options.js'

/** Of the longest phase: the bar does not move when it changes. */
const LABEL_CHARACTERS = 10

/**
 * @returns the exit code
 * @throws UsageError, InvalidOptionError, TraceError
 */
export async function curveCommand(options: ReplayOptions, curve: CurveOptions): Promise<number> {
  if (curve.svg !== undefined) await mustBeWritable(curve.svg)
  const spec = await createSpec(options, curve)
  const report = await run(spec, options.progress)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderCurve(report))
  if (curve.svg !== undefined) await writeFile(curve.svg, renderCurveSvg(report))
  if (report.partial) return INTERRUPTED
  return isComplete(report) ? 0 : 1
}

async function createSpec(options: ReplayOptions, curve: CurveOptions): Promise<CurveSpec> {
  const { files, format, formatOptions, seed, ttlMs, valueBytes, limit } = options
  const { policies, sizes, maxSample, advice } = curve
  return {
    files: await describeFiles(files, format, formatOptions),
    seed,
    policies,
    sizes,
    ttlMs,
    valueBytes,
    maxSample,
    limit,
    advice,
  }
}

async function run(spec: CurveSpec, showLines: boolean): Promise<CurveReport> {
  const progress = new PhasedProgress(showLines)
  const stopping = new AbortController()
  const release = watchInterrupts({
    stop: new StopFlag(),
    onStop: () => {
      stopping.abort()
      progress.stop()
      process.stderr.write(STOPPING)
    },
  })
  try {
    const outcome = await runCurve(spec, {
      signal: stopping.signal,
      onProgress: (...figures) => progress.update(...figures),
    })
    return createCurveReport(spec, outcome)
  } finally {
    release()
    progress.stop()
  }
}

/** A bar for each phase, one after the other. Once stopped it shows nothing more. */
class PhasedProgress {
  private phase: CurvePhase | undefined
  private bar: Progress | undefined
  private stopped = false

  constructor(private readonly lines: boolean) {}

  update(phase: CurvePhase, share: number, requests: number): void {
    if (this.stopped) return
    if (phase !== this.phase) {
      this.bar?.stop()
      this.phase = phase
      this.bar = createProgress(process.stderr, { lines: this.lines })
    }
    this.bar?.update(share, phase.padEnd(LABEL_CHARACTERS), requests)
  }

  stop(): void {
    this.stopped = true
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
