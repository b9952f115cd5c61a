/**
 * The build that is measured: this checkout's, or the one that HOTSET_BENCH_DIST names (a folder like
 * dist/), so that two builds can be measured by the same scenarios.
 */
import { pathToFileURL } from 'node:url'

const folder = process.env.HOTSET_BENCH_DIST
const dist =
  folder === undefined ? new URL('../../dist/', import.meta.url) : pathToFileURL(`${folder}/`)

/** @returns {Promise<any>} a module of the build, by its path within it */
export function importBuilt(path) {
  return import(new URL(path, dist).href)
}

export const { SharedCache } = await importBuilt('src/index.js')
export const { Random, mix } = await importBuilt('src/replay/random.js')
export const { Zipf } = await importBuilt('src/replay/zipf.js')
