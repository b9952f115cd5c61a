/**
 * The name that someone probably meant: for `maxByte`, `maxBytes`.
 *
 * Levenshtein's distance by one row of the table at a time; names are short and few.
 */

const MAX_EDITS = 2

/** The nearest of `names`, case aside, if it is at most two edits away. */
export function closestName(name: string, names: readonly string[]): string | undefined {
  let closest: string | undefined
  let fewest = MAX_EDITS + 1
  for (const candidate of names) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (edits < fewest) {
      closest = candidate
      fewest = edits
    }
  }
  return closest
}

function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > MAX_EDITS) return MAX_EDITS + 1
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const same = from[line - 1] === to[column - 1] ? 0 : 1
      next.push(Math.min(row[column] + 1, next[column - 1] + 1, row[column - 1] + same))
    }
    row = next
  }
  return row[to.length]
}
