/**
 * The options of a pool: its own, and Piscina's, which pass through.
 *
 * 1. `resolvePoolOptions` looks at every option once; the first that is wrong raises
 *    InvalidOptionError with the option, the value and what is allowed.
 * 2. An option that is absent is absent for Piscina too: its defaults hold.
 */
import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SHARE_ENV } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { MAX_THREADS } from '../../assembly/constants.js'
import { InvalidOptionError } from '../cache/errors.js'
import { callback, checkNames, oneOf } from '../cache/options.js'
import { SharedCache } from '../cache/shared-cache.js'
import { type Duration, parseDurationMs } from '../cache/units.js'
import type { PiscinaOptions } from './piscina-options.js'

/** Piscina's options as they are, but those that the pool needs for itself, and its own. */
export interface CachePoolOptions<V = unknown> extends PiscinaOptions {
  /** The cache that the workers attach to. Required. */
  cache: SharedCache<V>
  /**
   * The module whose named exports are the loaders: a path, a file: URL as a string, or a URL.
   * Required. Where the cache has a codec or clock of its own, the module has to export it too, as
   * `attachOptions`: what SharedCache.attach takes.
   */
  filename: string | URL
  /** What a loader finds as `context.workerData`. Has to be cloneable. */
  workerData?: unknown
  /**
   * How often a thread of the pool's own does the cache's upkeep (expiry), so that others seldom have
   * to. Milliseconds or `'1s'`; `false`: never, and no such thread. Default 100 ms.
   */
  maintenanceInterval?: Duration | false
  /**
   * How long a loader may go on when its signal has aborted, before its worker is terminated and
   * replaced. Milliseconds or `'1s'`, 0: not at all; `false`: for ever. Default 100 ms. Where
   * concurrentTasksPerWorker is more than 1 no worker is terminated: others would lose theirs.
   */
  terminateAfter?: Duration | false
  /** A worker that failed while it had no task, or the upkeep's thread. Default: ignored. */
  onError?: (error: unknown) => void
}

export interface ResolvedPoolOptions {
  /** URL of the module of loaders. */
  filename: string
  /** 0: no maintenance. */
  maintenanceIntervalMs: number
  /** Infinity: never. */
  terminateAfterMs: number
  closeTimeoutMs: number
  onError: (error: unknown) => void
  workerData: unknown
  /** Those that were given. */
  piscina: PiscinaOptions
}

const DEFAULT_MAINTENANCE_INTERVAL_MS = 100
const DEFAULT_TERMINATE_AFTER_MS = 100
/** As Piscina's own. */
const DEFAULT_CLOSE_TIMEOUT_MS = 30_000
/** The calling thread and the pool's maintenance have to be attached too. */
const MAX_POOL_THREADS = MAX_THREADS - 2

type AllOfPiscina = NonNullable<ConstructorParameters<typeof Piscina>[0]>
type PassedThrough = Exclude<keyof PiscinaOptions & keyof AllOfPiscina, 'workerData'>
type SetByPool = 'filename' | 'name' | 'workerData'
type Check = (option: string, value: unknown) => void

// Typed so that the compiler tells when an option of Piscina's is missing here.
const PASSED_THROUGH: Record<Exclude<keyof AllOfPiscina, SetByPool>, Check> = {
  minThreads: wholeNumber(0, MAX_POOL_THREADS),
  maxThreads: wholeNumber(1, MAX_POOL_THREADS),
  idleTimeout: isTime,
  maxQueue: isQueueLimit,
  concurrentTasksPerWorker: wholeNumber(1, 2 ** 31 - 1),
  atomics: (option, value) => {
    oneOf(option, value as string, ['sync', 'async', 'disabled'], 'sync')
  },
  resourceLimits: isObject,
  argv: isStrings,
  execArgv: isStrings,
  env: (option, value) => {
    if (value !== SHARE_ENV) isObject(option, value)
  },
  taskQueue: isTaskQueue,
  niceIncrement: wholeNumber(process.platform === 'win32' ? -20 : 0, 20),
  trackUnmanagedFds: isBoolean,
  closeTimeout: isTime,
  recordTiming: isBoolean,
  stricterFIFO: isBoolean,
  loadBalancer: (option, value) => {
    callback(option, value)
  },
  workerHistogram: isBoolean,
}

const OWN_OPTIONS = [
  'cache',
  'filename',
  'workerData',
  'maintenanceInterval',
  'terminateAfter',
  'onError',
]
const OPTION_NAMES = [...OWN_OPTIONS, ...Object.keys(PASSED_THROUGH)]

/** @throws InvalidOptionError */
export function resolvePoolOptions<V>(options: CachePoolOptions<V>): ResolvedPoolOptions {
  checkNames('options', options, OPTION_NAMES)
  if (!(options.cache instanceof SharedCache)) {
    throw new InvalidOptionError('cache', options.cache, 'a SharedCache')
  }
  return {
    filename: resolveFilename(options.filename),
    maintenanceIntervalMs: resolveTime(
      'maintenanceInterval',
      options.maintenanceInterval,
      DEFAULT_MAINTENANCE_INTERVAL_MS,
      0,
    ),
    terminateAfterMs:
      options.terminateAfter === 0
        ? 0
        : resolveTime(
            'terminateAfter',
            options.terminateAfter,
            DEFAULT_TERMINATE_AFTER_MS,
            Number.POSITIVE_INFINITY,
          ),
    onError: callback('onError', options.onError) ?? (() => {}),
    workerData: options.workerData,
    piscina: passThrough(options),
    closeTimeoutMs: options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT_MS,
  }
}

function passThrough(options: Pick<PiscinaOptions, PassedThrough>): PiscinaOptions {
  const passed: Record<string, unknown> = {}
  for (const [name, check] of Object.entries(PASSED_THROUGH)) {
    const value = options[name as PassedThrough]
    if (value === undefined) continue
    check(name, value)
    passed[name] = value
  }
  const { minThreads, maxThreads } = options
  if (minThreads !== undefined && maxThreads !== undefined && minThreads > maxThreads) {
    throw new InvalidOptionError('minThreads', minThreads, `at most maxThreads (${maxThreads})`)
  }
  return passed
}

function resolveFilename(filename: unknown): string {
  if (filename instanceof URL) return filename.href
  if (typeof filename !== 'string' || filename === '') {
    throw new InvalidOptionError('filename', filename, 'a path, or a URL, of a module')
  }
  if (/^(file|data):/.test(filename)) return new URL(filename).href
  return pathToFileURL(isAbsolute(filename) ? filename : resolve(filename)).href
}

function resolveTime(
  option: string,
  value: Duration | false | undefined,
  otherwiseMs: number,
  offMs: number,
): number {
  if (value === false) return offMs
  return value === undefined ? otherwiseMs : parseDurationMs(value, option)
}

function wholeNumber(least: number, most: number): Check {
  return (option, value) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
    throw new InvalidOptionError(option, value, `a whole number from ${least} to ${most}`)
  }
}

function isTime(option: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new InvalidOptionError(option, value, 'milliseconds from 0 on, or Infinity')
}

function isQueueLimit(option: string, value: unknown): void {
  if (value === 'auto' || value === Number.POSITIVE_INFINITY) return
  if (Number.isInteger(value) && (value as number) >= 0) return
  throw new InvalidOptionError(option, value, "a whole number from 0 on, Infinity, or 'auto'")
}

function isBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, value, 'true or false')
}

function isObject(option: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return
  throw new InvalidOptionError(option, value, 'an object')
}

function isStrings(option: string, value: unknown): void {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return
  throw new InvalidOptionError(option, value, 'an array of strings')
}

function isTaskQueue(option: string, value: unknown): void {
  const queue = value as Record<string, unknown> | null
  const isOne =
    typeof queue === 'object' &&
    queue !== null &&
    'size' in queue &&
    ['shift', 'push', 'remove'].every((name) => typeof queue[name] === 'function')
  if (!isOne) {
    throw new InvalidOptionError(option, value, 'an object with size, shift, push and remove')
  }
}
