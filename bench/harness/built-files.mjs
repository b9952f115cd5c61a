/**
 * Where the build is that is measured: this checkout's, or the one that HOTSET_BENCH_DIST names (a folder
 * like dist/), so that two builds can be measured by the same scenarios. Loads nothing of it.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = process.env.HOTSET_BENCH_DIST
const dist =
  folder === undefined ? new URL('../../dist/', import.meta.url) : pathToFileURL(`${folder}/`)

/** What users import; before it was made of the modules of src/, it was one of them. */
const ENTRIES = ['index.js', 'src/index.js']

/** @param {string} path within the build */
export function builtFile(path) {
  return new URL(path, dist)
}

/** The file that users of the package import. */
export function builtEntry() {
  return ENTRIES.map(builtFile).find(existsSync) ?? builtFile(ENTRIES[0])
}

/** The checkout that the build lies in, which has the sources that it was made of. */
export function builtCheckout() {
  return fileURLToPath(builtFile('..'))
}
