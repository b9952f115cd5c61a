/** results/README.md: every scenario in a line, the aims, and how the figures came about. */
import { environmentLines } from '../harness/environment.mjs'
import { LRU_CACHE } from '../peers/names.mjs'
import { format, times } from './table.mjs'

const INTRODUCTION = `# Benchmark results

hotset beside the caches that one would use in its place, measured by \`npm run bench\`. Of each scenario one
figure is told here; its page has all implementations, cases and spreads, a chart, and what was done.

- **hotset** and **baseline** are medians, in the unit that the line names; the baseline is ${LRU_CACHE} where the
  figure says no other.
- **better**: how many times better hotset is. Below 1 the baseline wins, and is the better choice for that.
- Which figure stands for a scenario was chosen beforehand, by use and by aim, not by how it turned out.

![How many times better than the baseline, by scenario](overview.svg)
`

const METHOD = `## Method

1. Each implementation runs in a process of its own, one at a time, in an order that turns from round to round.
   A figure is the median of the rounds; a ratio is the median of the ratios within a round.
2. Keys and values are made outside of what is timed. Answers are checked: a wrong one fails the run.
3. Implementations are made as their users make them, bounded so that they hold what the scenario needs. What
   cannot do a case is left out of it, and its page says why.
4. Times leave out what a thread waited for a core, where the page says "own".
5. Tables: in brackets the lowest and highest round, and then how it compares with the baseline: \`1.50x\` is one and
   a half times as fast, \`20%\` is a fifth of what the baseline takes.
`

const AIMS_MISSED = { title: 'Aims missed', id: 'aims-missed' }

/** @param {{ title: string, told: import('./results.mjs').Told[] }[]} groups */
export function indexLines(groups) {
  const all = groups.flatMap(({ told }) => told)
  const aims = all.flatMap((told) => told.aims.map((aim) => ({ ...aim, link: linkTo(told) })))
  return [
    INTRODUCTION,
    ...aimsSummary(aims),
    ...groups.flatMap(({ title, told }) => [`## ${title}`, '', ...tableOf(told), '']),
    ...missedLines(aims),
    METHOD,
    ...machineLines(all.filter(({ kept }) => kept !== undefined)),
  ]
}

function aimsSummary(aims) {
  const met = aims.filter((aim) => aim.met).length
  const missed = met === aims.length ? '' : ` ([the others](#${AIMS_MISSED.id}))`
  return [
    `**Aims**: ${met} of the ${aims.length} that the project has set itself are met${missed}.`,
    '',
  ]
}

function missedLines(aims) {
  const missed = aims.filter(({ met }) => !met)
  if (missed.length === 0) return []
  const lines = missed.map(
    ({ link, text, reached }) => `- ${link}: ${text} (${format(reached, 2)})`,
  )
  return [`## ${AIMS_MISSED.title}`, '', ...lines, '']
}

/** Not in columns of equal width: nobody reads lines of that length as they stand. */
function tableOf(told) {
  return [
    '| | figure | hotset | baseline | better | aims met |',
    '|---|---|--:|--:|--:|--:|',
    ...told.map((each) => `| ${cellsOf(each).join(' | ')} |`),
  ]
}

function cellsOf({ name, question, scenario, kept, headline, aims }) {
  if (kept === undefined) {
    return [`${scenario.title}<br>${question}`, 'not run yet', '', '', '', '']
  }
  const link = `${linkTo({ name, scenario })} ([chart](${name}.svg))<br>${question}`
  const met = aims.length === 0 ? '' : `${aims.filter((aim) => aim.met).length} of ${aims.length}`
  if (headline === undefined) return [link, '', '', '', '', met]
  const { label, digits, own, baseline, factor } = headline
  const beside = scenario.baseline === LRU_CACHE ? '' : ` (${scenario.baseline})`
  return [
    link,
    label,
    format(own, digits),
    baseline === undefined ? '' : `${format(baseline, digits)}${beside}`,
    factor === undefined ? '' : times(factor),
    met,
  ]
}

function linkTo({ name, scenario }) {
  return `[${scenario.title}](${name}.md)`
}

/** Each machine once, with the scenarios that ran there if there are several. */
function machineLines(all) {
  const namesByMachine = new Map()
  for (const { name, kept } of all) {
    const machine = environmentLines(kept.environment).join('; ')
    namesByMachine.set(machine, [...(namesByMachine.get(machine) ?? []), name])
  }
  const isOne = namesByMachine.size === 1
  const lines = [...namesByMachine].map(
    ([machine, names]) => `- ${isOne ? '' : `${names.join(', ')}: `}${machine}.`,
  )
  return ['## Machine', '', ...lines]
}
