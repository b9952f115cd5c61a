/** The options of a disk tier, each looked at once; the first that is wrong raises InvalidOptionError. */
import { resolve } from 'node:path'
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames } from '../../cache/option-checks.js'
import {
  type Duration,
  GIB,
  KIB,
  parseBytes,
  parseDurationMs,
  type Size,
} from '../../cache/units.js'

export interface DiskTierOptions {
  /**
   * The LMDB file; beside it stand `<path>-lock` and `<path>-clean`. Its folder is made. Required. Local
   * disks only: LMDB's lock does not work over NFS and its like. Several processes may share a file.
   */
  path: string
  /**
   * Bound on the entries and what they need in the file. Bytes or `'1gb'`, at least 64 kb; default 1 gb.
   * When it is reached, those go that are soonest to be over (`keepUntil`), and of several the oldest.
   * The file itself may become two and a half times as large, and never shrinks.
   */
  maxBytes?: Size
  /** Default `'disk'`. */
  name?: string
  /** The lifetime here of what is set without one of its own. Milliseconds or `'1d'`. */
  ttl?: Duration
  /**
   * Whether a write resolves only when it is safe against a crash of the machine. Default false: the
   * last moments of writes may be lost then, but never the file. All processes on a file: the same.
   */
  sync?: boolean
  /** How often what is over is removed from the file. Milliseconds or `'1s'`. Default 30 s. */
  purgeInterval?: Duration
  /**
   * When `open` reads the whole structure of the file before LMDB does, as LMDB crashes the process
   * on some damages. Default `'unclean'`: unless the file is as the last `close` left it; costs the
   * reading of all pages but those of large values. `'always'` finds too what a disk forgot while nobody wrote.
   */
  verify?: 'unclean' | 'always'
}

export interface ResolvedDiskTierOptions {
  path: string
  maxBytes: number
  name: string
  defaultTtlMs: number | undefined
  sync: boolean
  purgeIntervalMs: number
  verify: 'unclean' | 'always'
}

const OPTION_NAMES = ['path', 'maxBytes', 'name', 'ttl', 'sync', 'purgeInterval', 'verify']

const DEFAULT_NAME = 'disk'
const DEFAULT_PURGE_INTERVAL = '30s'
const LEAST_BYTES = 64 * KIB
/** What setInterval can wait. */
const MAX_PURGE_INTERVAL_MS = 2 ** 31 - 1

/** @throws InvalidOptionError */
export function resolveDiskTierOptions(options: DiskTierOptions): ResolvedDiskTierOptions {
  checkNames('options', options, OPTION_NAMES)
  const { path, maxBytes, name, ttl, sync, purgeInterval, verify } = options
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new InvalidOptionError('path', path, "the path of a file, such as './cache.lmdb'")
  }
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new InvalidOptionError('name', name, 'a name')
  }
  if (sync !== undefined && typeof sync !== 'boolean') {
    throw new InvalidOptionError('sync', sync, 'true or false')
  }
  if (verify !== undefined && verify !== 'unclean' && verify !== 'always') {
    throw new InvalidOptionError('verify', verify, "'unclean' or 'always'")
  }
  return {
    path: resolve(path),
    maxBytes: resolveMaxBytes(maxBytes),
    name: name ?? DEFAULT_NAME,
    defaultTtlMs: ttl === undefined ? undefined : parseDurationMs(ttl, 'ttl'),
    sync: sync ?? false,
    purgeIntervalMs: Math.min(
      parseDurationMs(purgeInterval ?? DEFAULT_PURGE_INTERVAL, 'purgeInterval'),
      MAX_PURGE_INTERVAL_MS,
    ),
    verify: verify ?? 'unclean',
  }
}

function resolveMaxBytes(maxBytes: Size | undefined): number {
  const bytes = maxBytes === undefined ? GIB : parseBytes(maxBytes, 'maxBytes')
  if (bytes < LEAST_BYTES) throw new InvalidOptionError('maxBytes', maxBytes, 'at least 64 kb')
  return bytes
}
