/**
 * The option `trace`: where the accesses of a cache are recorded, and what of them.
 *
 * What is resolved is plain data, which a handle takes to other threads; the path is absolute, so that
 * it means the same in all of them.
 */
import { requireBuiltin } from '../../engine/builtins.js'
import { InvalidOptionError } from '../errors.js'
import { checkNames, oneOf } from '../option-checks.js'
import { GIB, MIB, parseBytes, type Size } from '../units.js'

export interface TraceOptions {
  /** The file's name, into which the number of the thread is put. Required. */
  path: string
  /** `'hashed'`: by a hash whose secret is not kept; `'plain'`: as they are. Default `'hashed'`. */
  keys?: 'hashed' | 'plain'
  /** The share of the keys whose accesses are recorded, above 0, at most 1, in steps of 2^-16. Default 0.1. */
  sample?: number
  /** A thread's file grows no larger than this. Bytes or `'1gb'`, at least 1 MiB. Default 1 GiB. */
  maxBytes?: Size
}

export interface ResolvedTrace {
  path: string
  keys: 'hashed' | 'plain'
  sample: number
  maxBytes: number
}

const NAMES = ['path', 'keys', 'sample', 'maxBytes']
const KEYS = ['hashed', 'plain'] as const
const MIN_BYTES = MIB
const DEFAULT_BYTES = GIB
/** What it costs: docs/trace-format.md. */
const DEFAULT_SAMPLE = 0.1

/** @throws InvalidOptionError */
export function resolveTrace(value: unknown): ResolvedTrace | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return resolveTrace({ path: value })
  checkNames('trace', value, NAMES)
  const { path, keys, sample, maxBytes } = value as Partial<TraceOptions>
  return {
    path: resolvePath(path),
    keys: oneOf('trace.keys', keys, KEYS, 'hashed'),
    sample: resolveSample(sample),
    maxBytes: resolveMaxBytes(maxBytes),
  }
}

/** Whether it is what resolveTrace() answers: of a handle, which may have been spoilt on its way. */
export function isResolvedTrace(value: unknown): boolean {
  try {
    return value === undefined || (typeof value !== 'string' && resolveTrace(value) !== undefined)
  } catch {
    return false
  }
}

function resolvePath(path: unknown): string {
  if (typeof path !== 'string' || path === '') {
    throw new InvalidOptionError('trace.path', path, "the name of a file, such as 'service.hst'")
  }
  const { resolve }: typeof import('node:path') = requireBuiltin('node:path')
  return resolve(path)
}

function resolveSample(sample: unknown): number {
  if (sample === undefined) return DEFAULT_SAMPLE
  if (typeof sample === 'number' && sample > 0 && sample <= 1) return sample
  throw new InvalidOptionError('trace.sample', sample, 'a number above 0, up to 1')
}

function resolveMaxBytes(maxBytes: Size | undefined): number {
  if (maxBytes === undefined) return DEFAULT_BYTES
  const bytes = parseBytes(maxBytes, 'trace.maxBytes')
  if (bytes >= MIN_BYTES) return bytes
  throw new InvalidOptionError('trace.maxBytes', maxBytes, `at least ${MIN_BYTES} bytes (1 MiB)`)
}
