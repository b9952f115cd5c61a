/** How long scenarios take: as they did in the runs that are kept, and as they did now. */

/** @param {string[]} names @param {Map<string, number>} keptMs of the scenarios whose time was kept */
export function expectedLine(names, keptMs) {
  const known = names.filter((name) => keptMs.has(name))
  if (known.length === 0) return []
  const minutes = Math.ceil(totalOf(known.map((name) => keptMs.get(name))) / 60_000)
  const unknown = names.length - known.length
  const beside = unknown === 0 ? '' : `, and ${unknown} more of which no time is kept`
  return [`Takes about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}${beside}`]
}

/** @param {{ name: string, elapsedMs: number }[]} outcomes @param {Map<string, number>} keptMs */
export function elapsedLines(outcomes, keptMs) {
  const width = Math.max(6, ...outcomes.map(({ name }) => name.length))
  const line = (name, ms, beside = '') => `${name.padEnd(width)} ${clock(ms).padStart(6)}${beside}`
  return [
    ...outcomes.map(({ name, elapsedMs }) => {
      const kept = keptMs.get(name)
      return line(name, elapsedMs, kept === undefined ? '' : `  (kept run: ${clock(kept)})`)
    }),
    line('in all', totalOf(outcomes.map(({ elapsedMs }) => elapsedMs))),
  ]
}

function totalOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** Minutes and seconds. */
export function clock(ms) {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
