/**
 * The process of one implementation: runs the cases that its argument names, one after the other, and sends the
 * measurements to its parent.
 */
import { loadScenario } from './scenarios.mjs'

const { name, cases, ...context } = JSON.parse(process.argv[2])
const measurements = []

function answer(message) {
  // Why exit: a cache may hold timers, and the parent waits for the end.
  process.send(message, () => process.exit(0))
}

try {
  const scenario = await loadScenario(name)
  for (const parameters of cases) measurements.push(await scenario.run({ ...context, parameters }))
  answer({ measurements })
} catch (error) {
  answer({ case: cases[measurements.length].name, error: error.stack ?? String(error) })
}
