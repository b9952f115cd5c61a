/**
 * Runs a scenario: each implementation of each case in a process of its own, one at a time, the order
 * turned by one from round to round, so that none always follows the same neighbour.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { implementationsOf } from './statistics.mjs'

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url))
/** Ten million entries on the V8 heap take some 2 GiB. */
const HEAP_MIB = 8192

/** @returns {Promise<{ case: string, implementation: string, round: number, measurement: object }[]>} */
export async function runRounds({ name, scenario, cases, rounds, seed, smoke, onRun }) {
  const runs = []
  for (let round = 0; round < rounds; round++) {
    for (const each of cases) {
      if (round >= (each.rounds ?? rounds)) continue
      for (const implementation of rotate(implementationsOf(scenario, each), round)) {
        const order = { name, implementation, parameters: each, seed: seed + round, smoke }
        onRun?.({ round, case: each.name, implementation })
        const measurement = await runInChild(order)
        runs.push({ case: each.name, implementation, round, measurement })
      }
    }
  }
  return runs
}

function rotate(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

/**
 * One run, in a process of its own.
 * @param {object} order see child.mjs
 * @param {NodeJS.ProcessEnv} env the process's
 */
export function runInChild(order, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, [JSON.stringify(order)], {
      env,
      execArgv: [...process.execArgv, '--expose-gc', `--max-old-space-size=${HEAP_MIB}`],
    })
    let answer
    child.once('message', (message) => {
      answer = message
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const where = `${order.name}, ${order.parameters.name}, ${order.implementation}`
      if (answer?.measurement !== undefined) resolve(answer.measurement)
      else reject(new Error(`${where}: ${answer?.error ?? `ended with ${signal ?? code}`}`))
    })
  })
}
