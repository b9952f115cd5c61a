/** The table of docs/adaptive-policy.md, made of the kept numbers of `hit-ratio`. */
import { align, format } from './table.mjs'

const BEGIN = '<!-- table: npm run bench -- --report -->'
const END = '<!-- end of the table -->'
const OTHERS = ['OPT', 'LRU', 'ARC', 'S3-FIFO', 'W-TinyLFU, 1%', 'Caffeine main']
/** Points. What is within is neither a win nor a loss. */
const EVEN = 0.1

/**
 * @param {string} page
 * @param {import('../harness/types.d.ts').Row[]} rows
 * @returns {string} the page with the table of these rows
 */
export function withHitRatios(page, rows) {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`The page has no ${BEGIN} before ${END}`)
  const table = [...summaryLines(rows), '', ...tableLines(rows)].join('\n')
  return `${page.slice(0, before)}${BEGIN}\n${table}\n${page.slice(after)}`
}

function summaryLines(rows) {
  const cells = rows.filter(({ isMean }) => isMean === undefined)
  const mean = rows.find(({ isMean }) => isMean)
  const count = (isCounted) => cells.filter((row) => isCounted(medianOf(row, 'overBest'))).length
  const wins = count((points) => points > EVEN)
  const losses = count((points) => points < -EVEN)
  const [worst] = cells.toSorted((a, b) => medianOf(a, 'overBest') - medianOf(b, 'overBest'))
  return [
    `Beside the better one of LRU and Caffeine main: ${wins} wins, ${losses} losses and ${cells.length - wins - losses} within`,
    `${EVEN} points, of ${cells.length}; the worst is ${worst.case} entries (${signed(medianOf(worst, 'overBest'))}). On the mean ${signed(medianOf(mean, 'overBest'))} points, and`,
    `${signed(medianOf(mean, 'overCaffeine'))} to Caffeine main.`,
  ]
}

function tableLines(rows) {
  const head = ['trace, entries', 'hotset', 'to the better', ...OTHERS]
  const lines = rows.map((row) => [
    row.case,
    format(medianOf(row, 'hitPercent'), 1),
    emphasized(medianOf(row, 'overBest')),
    ...OTHERS.map((name) => format(medianOf(row, name), 1)),
  ])
  return align([head, ...lines], 1)
}

function medianOf(row, key) {
  return row.values[key].median
}

/** Losses stand out. */
function emphasized(points) {
  return points < -EVEN ? `**${signed(points)}**` : signed(points)
}

function signed(points) {
  return `${points < 0 ? '' : '+'}${format(points, 1)}`
}
