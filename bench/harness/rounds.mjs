/**
 * Runs a scenario: each implementation of each case in a process of its own, one at a time, the order
 * turned by one from round to round, so that none always follows the same neighbour. Cases that say so run
 * one after the other in one process, and share what they load.
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
    for (const group of groupsOf(cases)) {
      const [first] = group
      if (round >= (first.rounds ?? rounds)) continue
      for (const implementation of rotate(implementationsOf(scenario, first), round)) {
        const order = { name, implementation, cases: group, seed: seed + round, smoke }
        onRun?.({ round, case: first.name, implementation })
        const measurements = await runInChild(order)
        for (const [at, measurement] of measurements.entries()) {
          runs.push({ case: group[at].name, implementation, round, measurement })
        }
      }
    }
  }
  return runs
}

/** Neighbours that run together. @param {import('./types.d.ts').Case[]} cases */
export function groupsOf(cases) {
  const groups = []
  for (const each of cases) {
    const last = groups.at(-1)
    if (last !== undefined && each.together !== undefined && last[0].together === each.together)
      last.push(each)
    else groups.push([each])
  }
  return groups
}

function rotate(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

/**
 * One implementation, in a process of its own.
 * @param {object} order see child.mjs
 * @param {NodeJS.ProcessEnv} env the process's
 * @returns {Promise<import('./types.d.ts').Measurement[]>} one a case
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
      const where = `${order.name}, ${answer?.case ?? order.cases[0].name}, ${order.implementation}`
      if (answer?.measurements !== undefined) resolve(answer.measurements)
      else reject(new Error(`${where}: ${answer?.error ?? `ended with ${signal ?? code}`}`))
    })
  })
}
