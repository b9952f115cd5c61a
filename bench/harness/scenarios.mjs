/** The scenarios are the files of bench/scenarios: a file's name is its scenario's. */
import { readdirSync } from 'node:fs'

const folder = new URL('../scenarios/', import.meta.url)

export function scenarioNames() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -'.mjs'.length))
    .sort()
}

/** @returns {Promise<import('./types.d.ts').Scenario>} */
export async function loadScenario(name) {
  const { scenario } = await import(new URL(`${name}.mjs`, folder).href)
  return scenario
}
