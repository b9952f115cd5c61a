/**
 * Several sources of accesses, each in the order of its own times, as one that is in the order of all.
 *
 * 1. Accesses of one source keep their order; of equal times the source that stands first comes first.
 * 2. A block of each source is in memory, and one of the result.
 *
 * Costs a comparison with each of the other sources at each change from one to another.
 */
import { AccessBlock } from './access.js'

interface Head {
  block: AccessBlock
  index: number
  readonly rest: AsyncIterator<AccessBlock>
}

export async function* mergeByTime(
  sources: readonly AsyncIterable<AccessBlock>[],
): AsyncGenerator<AccessBlock> {
  const heads: Head[] = []
  for (const source of sources) {
    const rest = source[Symbol.asyncIterator]()
    const head = { block: new AccessBlock(0), index: 0, rest }
    if (await refill(head)) heads.push(head)
  }
  const merged = new AccessBlock()
  try {
    while (heads.length > 0) {
      const first = earliest(heads)
      copyRun(first, bound(heads, first), merged)
      if (merged.full) {
        yield merged
        merged.length = 0
      }
      if (isUsedUp(first) && !(await refill(first))) heads.splice(heads.indexOf(first), 1)
    }
    if (merged.length > 0) yield merged
  } finally {
    for (const { rest } of heads) await rest.return?.()
  }
}

function isUsedUp({ block, index }: Head): boolean {
  return index >= block.length
}

async function refill(head: Head): Promise<boolean> {
  do {
    const { done, value } = await head.rest.next()
    if (done) return false
    head.block = value
    head.index = 0
  } while (isUsedUp(head))
  return true
}

function timeOf({ block, index }: Head): number {
  return block.timeMs[index]
}

function earliest(heads: readonly Head[]): Head {
  let first = heads[0]
  for (const head of heads) if (timeOf(head) < timeOf(first)) first = head
  return first
}

/** Up to which time the first source may go on. */
function bound(heads: readonly Head[], first: Head): number {
  let next = Number.POSITIVE_INFINITY
  for (const head of heads) if (head !== first) next = Math.min(next, timeOf(head))
  return next
}

/** One access at least, and all up to that time that are there and have room. */
function copyRun(from: Head, untilMs: number, into: AccessBlock): void {
  const { block } = from
  do {
    const at = from.index++
    into.push(
      block.keys[at],
      block.sizeBytes[at],
      block.timeMs[at],
      block.ttlMs[at],
      block.operations[at],
    )
  } while (!isUsedUp(from) && !into.full && timeOf(from) < untilMs)
}
