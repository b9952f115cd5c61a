/**
 * The sizes of a curve: as they are asked for, and what they are once the trace is known.
 *
 * 1. A list is in bytes or in entries; shares of the working set take the unit of the others, and where
 *    there are no others, bytes for a trace with sizes and entries for one without.
 * 2. In bytes an object counts its value, its key and OBJECT_OVERHEAD_BYTES.
 * 3. A share of the working set is a share of the sample too, whatever the working set is.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { GIB, parseBytes } from '../../cache/units.js'
import { UsageError } from '../errors.js'
import type { Sample } from './sample.js'
import type { CurveUnit, ResolvedSize } from './spec.js'

/** About what an entry takes in hotset beside key and value: header, index, what rounding leaves. */
export const OBJECT_OVERHEAD_BYTES = 48

/** With room for fewer objects than this a policy has nothing to choose from. */
export const FEW_OBJECTS = 100

export const DEFAULT_SIZES = '0.5%,1%,2%,5%,10%,20%,50%'

const MAX_BYTES = 64 * 1024 * GIB
const MAX_ENTRIES = 2 ** 32 - 1
const ALLOWED =
  "a list of sizes such as '1%,2%,5%' (of the working set, above 0% to 100%), '64mb,1gb' (up to " +
  `64tb) or '1000entries,10000entries' (up to ${MAX_ENTRIES})`

export type SizeRequest = { label: string } & (
  | { unit: 'share'; share: number }
  | { unit: 'bytes'; bytes: number }
  | { unit: 'entries'; entries: number }
)

/** @throws InvalidOptionError, UsageError */
export function parseSizes(text: string, option: string): SizeRequest[] {
  const sizes = text.split(',').map((item) => parseSize(item.trim(), option))
  const units = new Set(sizes.map(({ unit }) => unit))
  if (units.has('bytes') && units.has('entries')) {
    throw new UsageError(
      `${option} '${text}' has sizes in bytes and in entries; allowed: one of both`,
    )
  }
  return sizes
}

function parseSize(label: string, option: string): SizeRequest {
  const share = /^(\d+(?:\.\d+)?|\.\d+)%$/.exec(label)
  if (share !== null && Number(share[1]) > 0 && Number(share[1]) <= 100) {
    return { label, unit: 'share', share: Number(share[1]) / 100 }
  }
  const entries = /^(\d+)\s*(?:entries|entry)?$/i.exec(label)
  if (entries !== null && Number(entries[1]) >= 1 && Number(entries[1]) <= MAX_ENTRIES) {
    return { label, unit: 'entries', entries: Number(entries[1]) }
  }
  if (share !== null || entries !== null) throw new InvalidOptionError(option, label, ALLOWED)
  return { label, unit: 'bytes', bytes: parseByteSize(label, option) }
}

function parseByteSize(label: string, option: string): number {
  try {
    const bytes = parseBytes(label, option)
    if (bytes >= 1 && bytes <= MAX_BYTES) return bytes
  } catch {
    // What parseBytes allows is less than what stands here: the error below says it all.
  }
  throw new InvalidOptionError(option, label, ALLOWED)
}

export function unitOf(sizes: readonly SizeRequest[], hasSizes: boolean): CurveUnit {
  const named = sizes.find(({ unit }) => unit !== 'share')?.unit
  if (named === 'bytes' || named === 'entries') return named
  return hasSizes ? 'bytes' : 'entries'
}

/** What an object counts in bytes. */
export function objectCost(valueBytes: number, keyLength: number): number {
  return Math.min(2 ** 32 - 1, valueBytes + keyLength + OBJECT_OVERHEAD_BYTES)
}

/** Of all objects in the sample, in the unit. */
export function sampledWorkingSet(sample: Sample, unit: CurveUnit): number {
  if (unit === 'entries') return sample.keys
  let bytes = 0
  for (let key = 0; key < sample.keys; key++) {
    bytes += objectCost(sample.lastBytes[key], sample.keyLengths[key])
  }
  return bytes
}

/** Smallest first, each once. */
export function resolveSizes(
  requests: readonly SizeRequest[],
  workingSet: number,
  rate: number,
): ResolvedSize[] {
  const bySize = new Map<number, ResolvedSize>()
  for (const request of requests) {
    const resolved = resolveSize(request, workingSet, rate)
    if (!bySize.has(resolved.size)) bySize.set(resolved.size, resolved)
  }
  return [...bySize.values()].sort((a, b) => a.size - b.size)
}

function resolveSize(request: SizeRequest, workingSet: number, rate: number): ResolvedSize {
  const { label } = request
  if (request.unit === 'share') {
    const capacity = Math.max(1, Math.round(workingSet * request.share))
    return { label, size: Math.round(capacity / rate), share: request.share, capacity }
  }
  const size = request.unit === 'bytes' ? request.bytes : request.entries
  const share = workingSet === 0 ? 1 : (size * rate) / workingSet
  return { label, size, share, capacity: Math.max(1, Math.round(size * rate)) }
}
