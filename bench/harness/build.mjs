/** The build that is measured, a file a module, for what reaches inside; see built-files.mjs. */
import { builtFile } from './built-files.mjs'

/** @returns {Promise<any>} a module of the build, by its path within it */
export function importBuilt(path) {
  return import(builtFile(path).href)
}

export const { SharedCache } = await importBuilt('src/index.js')
export const { Random, mix } = await importBuilt('src/replay/random.js')
export const { Zipf } = await importBuilt('src/replay/zipf.js')
