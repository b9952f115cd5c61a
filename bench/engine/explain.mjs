/**
 * `node bench/engine/explain.mjs [operation] [policy] [--entries <n>] [--value-bytes <n>] [--calls <n>]`: what
 * a call of the engine does to memory, by what the lines belong to.
 */
import { parseArgs } from 'node:util'
import { format } from '../report/table.mjs'
import { POLICIES } from './bank.mjs'
import { countOperation } from './count-operation.mjs'
import { REGION_TITLES } from './footprint.mjs'
import { OPERATIONS } from './operations.mjs'

const COLUMNS = ['loads', 'stores', 'lines', 'coldLines']
const SEED = 1
const NAME_WIDTH = 16
const COLUMN_WIDTH = 12

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      entries: { type: 'string', default: '100000' },
      'value-bytes': { type: 'string', default: '16' },
      calls: { type: 'string', default: '10000' },
    },
  })
  const [operation, policy = 'adaptive'] = positionals
  if (OPERATIONS[operation] === undefined || !POLICIES.includes(policy)) {
    const operations = Object.keys(OPERATIONS).join(', ')
    throw new Error(
      `Name an operation (${operations}), and perhaps a policy (${POLICIES.join(', ')})`,
    )
  }
  const entries = Number(values.entries)
  const valueBytes = Number(values['value-bytes'])
  const calls = Number(values.calls)
  const counts = countOperation({ operation, policy, entries, valueBytes, calls, seed: SEED })
  const { regions, instructions, usualInstructions, usualColdLines, ...totals } = counts
  console.log(
    `${OPERATIONS[operation].title}, ${policy}, ${entries} entries of ${valueBytes} bytes`,
  )
  console.log(`instructions: ${format(instructions, 0)}, usually ${format(usualInstructions, 0)}`)
  console.log(`cold lines: usually ${format(usualColdLines, 0)}`)
  printLine('', COLUMNS)
  for (const [region, counted] of Object.entries(regions)) {
    if (counted.lines > 0) printLine(REGION_TITLES[region], numbersOf(counted))
  }
  printLine('in all', numbersOf(totals))
}

function numbersOf(counted) {
  return COLUMNS.map((column) => format(counted[column], 2))
}

function printLine(name, cells) {
  console.log(name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join(''))
}

try {
  main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
