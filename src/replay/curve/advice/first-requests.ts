/** Which reads no cache can hit, of whatever size: those that are the first requests for their keys. */
import { READ } from '../../access.js'
import { errorOf } from '../estimate.js'
import { KEY_GROUPS, type Sample } from '../sample.js'
import type { SizeAdvice } from './spec.js'

export function countFirstRequests(sample: Sample): SizeAdvice['firstRequests'] {
  const { requests, keys, keyOf, operations, groups, totals, rate } = sample
  const seen = new Uint8Array(keys)
  const firsts = new Float64Array(KEY_GROUPS)
  for (let index = 0; index < requests; index++) {
    const key = keyOf[index]
    if (seen[key] === 1) continue
    seen[key] = 1
    if (operations === undefined || operations[index] === READ) firsts[groups[key]]++
  }
  const reads = totals.reads * rate
  const count = firsts.reduce((sum, group) => sum + group, 0)
  return {
    share: reads === 0 ? 0 : Math.min(1, count / reads),
    error: errorOf(firsts, reads, rate),
  }
}
