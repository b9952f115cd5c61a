/** The scenarios are the files of bench/scenarios: a file's name is its scenario's. */
import { readdirSync } from 'node:fs'

const folder = new URL('../scenarios/', import.meta.url)

export function scenarioNames() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length))
    .sort()
}

/** The scenarios of these names; all of them where there are none. */
export function chooseScenarios(names) {
  const known = scenarioNames()
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return names.length > 0 ? names : known
  throw new Error(`No scenario ${unknown.join(', ')}; there are ${known.join(', ')}`)
}

/** @returns {Promise<import('./types.d.ts').Scenario>} */
export async function loadScenario(name) {
  const { scenario } = await import(new URL(`${name}.mjs`, folder).href)
  return scenario
}
