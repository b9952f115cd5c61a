/**
 * Advice in words: a sentence or two for each of its kinds, from its figures.
 *
 * 1. Gains are in points: hundredths of all reads. What is below LITTLE_POINTS is told as little, since
 *    adaptive, which draws on chance, differs by some tenths of a point from run to run.
 * 2. Standard errors stand beside what was sampled, and nowhere else.
 * 3. Names from a trace are shown without control characters, and cut where they are long.
 */
import { formatBytes } from '../cache/units.js'
import { KNEE_POINTS } from '../replay/curve/advice/knee.js'
import type {
  Advice,
  Gain,
  LifetimeAdvice,
  SizeAdvice,
  UncachedAdvice,
  UncachedGroup,
} from '../replay/curve/advice/spec.js'
import type { CurveUnit } from '../replay/curve/spec.js'
import { whole } from './table.js'

const LITTLE_POINTS = 0.005
const MAX_NAME_CHARACTERS = 60
const KNEE = KNEE_POINTS * 100

export function adviceText(advice: Advice, unit: CurveUnit): string {
  switch (advice.kind) {
    case 'size':
      return sizeText(advice, unit)
    case 'lifetime':
      return lifetimeText(advice, unit)
    case 'uncached':
      return uncachedText(advice, unit)
  }
}

function sizeText(advice: SizeAdvice, unit: CurveUnit): string {
  const { shape, size, share, policy, hitRatio, hitRatioError } = advice
  const ratio = withError(`${percent(hitRatio)}%`, hitRatioError)
  const place = `A cache of ${sizeIn(unit, size)} (${percent(share)}% of the working set)`
  const hits = `${place} hits ${ratio} with ${policy}`
  switch (shape) {
    case 'knee':
      return `${hits}${steps(advice)}. The knee: from there on no doubling adds more than ${KNEE} points.`
    case 'rising':
      return `${hits}${steps(advice)}. No knee so far: larger --sizes are worth a look. ${ceilingText(advice)}.`
    case 'flat':
      return `${hits}, ${flatReason(advice, unit)}`
    case 'single':
      return `${hits}. ${ceilingText(advice)}.`
  }
}

function steps({ doubled, halved }: SizeAdvice): string {
  const parts = [
    doubled === undefined ? '' : `doubling it ${changeText(doubled)}`,
    halved === undefined ? '' : `halving it ${changeText(halved)}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}

function changeText({ gain, error }: Gain): string {
  const points = `${withError(percent(Math.abs(gain)), error)} points`
  return gain < 0 ? `costs ${points}` : `adds ${points}`
}

function flatReason(advice: SizeAdvice, unit: CurveUnit): string {
  const { size, largest, hitRatio, firstRequests } = advice
  const ceiling = 1 - firstRequests.share
  const no = `and ${sizeIn(unit, largest.size)} no more than ${percent(largest.hitRatio)}%`
  if (ceiling - hitRatio >= 2 * KNEE_POINTS) {
    return `${no}: what is asked for again comes too late for these sizes. ${ceilingText(advice)}.`
  }
  if (ceiling < 0.5) return `${no}: no size helps. ${ceilingText(advice)}.`
  return `${no}: ${sizeIn(unit, size)} is enough, and less may do. ${ceilingText(advice)}.`
}

function ceilingText({ firstRequests: { share, error } }: SizeAdvice): string {
  const firsts = withError(`${percent(share)}%`, error)
  return `${firsts} of the reads are the first for their object, so no cache hits more than ${percent(1 - share)}%`
}

function lifetimeText(
  { policy, size, hitRatio, doubled, unlimited }: LifetimeAdvice,
  unit: CurveUnit,
) {
  const at = `At ${sizeIn(unit, size)} ${policy} hits ${percent(hitRatio)}%`
  if (isLittle(unlimited)) {
    return `${at}; longer lifetimes would bring less than ${percent(LITTLE_POINTS)} points, even endless ones.`
  }
  return `${at}; lifetimes twice as long would ${bring(doubled)}, endless ones ${amount(unlimited)}.`
}

function bring(change: Gain): string {
  if (isLittle(change)) return `bring less than ${percent(LITTLE_POINTS)} points`
  return `${change.gain < 0 ? 'cost' : 'bring'} ${amount(change)}`
}

function amount({ gain, error }: Gain): string {
  return `${withError(percent(Math.abs(gain)), error)} points`
}

function isLittle({ gain, error }: Gain): boolean {
  return Math.abs(gain) + error < LITTLE_POINTS
}

function uncachedText({ groups, rest, policy }: UncachedAdvice, unit: CurveUnit): string {
  const them = groups.length === 1 ? 'it' : 'them'
  const own = groups.length === 1 ? 'a cache of its own' : 'caches of their own'
  const named = groups.map((group) => groupText(group, unit)).join('; ')
  return `${named}: do not cache ${them}, or in ${own}.${restText(rest, them, policy)}`
}

function groupText(group: UncachedGroup, unit: CurveUnit): string {
  const { prefix, key, readShare, readShareError, heldShare, hitRatio, hitRatioError } = group
  const name = prefix === undefined ? `the key ${shown(key ?? '')}` : `${shown(prefix)}*`
  const held = unit === 'bytes' ? 'the bytes' : 'the entries'
  return (
    `${name} takes ${withError(`${percent(readShare)}%`, readShareError)} of the reads and ` +
    `${percent(heldShare)}% of ${held} held, and hits ${withError(`${percent(hitRatio)}%`, hitRatioError)}`
  )
}

function restText(rest: UncachedAdvice['rest'], them: string, policy: string): string {
  if (rest === undefined) return ''
  if (rest.gain + rest.error < LITTLE_POINTS) {
    return (
      ` The others would gain less than ${percent(LITTLE_POINTS)} points, as ${policy} keeps most of ` +
      `${them} out: what is saved is the storing.`
    )
  }
  const [before, after] = [rest.hitRatio, rest.hitRatio + rest.gain]
  return ` Without ${them} the others hit ${withError(`${percent(after)}%`, rest.error)} instead of ${percent(before)}%.`
}

function shown(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}]/gu, '?')
  return clean.length <= MAX_NAME_CHARACTERS ? clean : `${clean.slice(0, MAX_NAME_CHARACTERS)}...`
}

function sizeIn(unit: CurveUnit, size: number): string {
  return unit === 'bytes' ? formatBytes(size) : `${whole(size)} entries`
}

/** One decimal, none where it says nothing. */
function percent(ratio: number): string {
  return String(Number((ratio * 100).toFixed(1)))
}

function withError(figure: string, error: number): string {
  return error === 0 ? figure : `${figure} ±${Math.max(0.1, error * 100).toFixed(1)}`
}
