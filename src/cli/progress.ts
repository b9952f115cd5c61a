/**
 * How far a command has come, on stderr: a bar where that is a terminal; lines, if they were asked
 * for, where it is not; else nothing at all.
 */
import cliProgress from 'cli-progress'
import { type Estimate, ProgressEstimate } from './progress-estimate.js'

const STEPS = 1000
const BAR_CHARACTERS = 16
const SHOWN_A_SECOND = 10
const LINE_EVERY_MS = 5000
const SECONDS_PER_MINUTE = 60
const MINUTES_PER_HOUR = 60

export interface Progress {
  /**
   * @param share of the whole that is done, 0 to 1
   * @param label what is under way
   * @param requests done in what is under way: shown, with their rate
   */
  update(share: number, label: string, requests?: number): void
  stop(): void
}

export interface ProgressOptions {
  /** Lines where the stream is no terminal: one as each label begins, and one every 5 s. */
  lines?: boolean
  now?: () => number
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

export function createProgress(
  stream: NodeJS.WriteStream,
  { lines = false, now = () => performance.now() }: ProgressOptions = {},
): Progress {
  if (stream.isTTY) return createBar(stream, now)
  return lines ? createLines(stream, now) : { update() {}, stop() {} }
}

function createBar(stream: NodeJS.WriteStream, now: () => number): Progress {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: '{label} [{bar}] {percentage}% {figures}',
      barsize: BAR_CHARACTERS,
      clearOnComplete: true,
      hideCursor: true,
      fps: SHOWN_A_SECOND,
      // Why: it would take SIGINT and SIGTERM, and let the process go on.
      gracefulExit: false,
    },
    cliProgress.Presets.rect,
  )
  const estimate = new ProgressEstimate()
  bar.start(STEPS, 0, { label: '', figures: '' })
  return {
    update: (share, label, requests) => {
      const figures = describeProgress(requests, estimate.update(share, label, requests, now()))
      bar.update(Math.round(share * STEPS), { label, figures })
    },
    stop: () => bar.stop(),
  }
}

function createLines(stream: Stream, now: () => number): Progress {
  const estimate = new ProgressEstimate()
  let lastLabel: string | undefined
  let nextMs = 0
  return {
    update: (share, label, requests) => {
      const nowMs = now()
      const figures = describeProgress(requests, estimate.update(share, label, requests, nowMs))
      if (label === lastLabel && nowMs < nextMs) return
      lastLabel = label
      nextMs = nowMs + LINE_EVERY_MS
      stream.write(`${label.trim()}: ${Math.floor(share * 100)}% ${figures}`.trimEnd().concat('\n'))
    },
    stop: () => {},
  }
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** As in '12.3M requests, 2.1M/s, 3:05 left'. */
export function describeProgress(
  requests: number | undefined,
  { requestsPerSecond, secondsLeft }: Estimate,
): string {
  const parts: string[] = []
  if (requests !== undefined) parts.push(`${compact.format(requests)} requests`)
  if (requestsPerSecond !== undefined) parts.push(`${compact.format(requestsPerSecond)}/s`)
  if (secondsLeft !== undefined) parts.push(`${describeSeconds(secondsLeft)} left`)
  return parts.join(', ')
}

/** As in '0:07', '3:05' and '1:02:09'. */
function describeSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  const minutes = Math.floor(whole / SECONDS_PER_MINUTE)
  const hours = Math.floor(minutes / MINUTES_PER_HOUR)
  const rest = twoDigits(whole % SECONDS_PER_MINUTE)
  if (hours === 0) return `${minutes}:${rest}`
  return `${hours}:${twoDigits(minutes % MINUTES_PER_HOUR)}:${rest}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
