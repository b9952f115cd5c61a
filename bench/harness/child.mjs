/** The process of one run: does what its argument says, and sends the measurement to its parent. */
import { loadScenario } from './scenarios.mjs'

const { name, ...context } = JSON.parse(process.argv[2])

function answer(message) {
  // Why exit: a cache may hold timers, and the parent waits for the end.
  process.send(message, () => process.exit(0))
}

try {
  const scenario = await loadScenario(name)
  answer({ measurement: await scenario.run(context) })
} catch (error) {
  answer({ error: error.stack ?? String(error) })
}
