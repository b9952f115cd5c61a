/** Whether dist/ is what the sources are: else figures would be told of a build that nobody has any more. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SOURCES = ['src', 'assembly', 'scripts/build.mjs', 'asconfig.json', 'tsconfig.build.json']
const BUILT = 'dist/src/index.js'

/** @param {string} [root] of a checkout; default: this one */
export function assertBuilt(root = ROOT) {
  const built = join(root, BUILT)
  if (!existsSync(built)) throw new Error('There is no build in dist/: npm run build')
  const builtMs = statSync(built).mtimeMs
  const newer = SOURCES.flatMap((source) => filesIn(root, source)).find(
    (path) => statSync(join(root, path)).mtimeMs > builtMs,
  )
  if (newer !== undefined) throw new Error(`dist/ is older than ${newer}: npm run build`)
}

/** Those that a source is made of, or its own path if it is a file. */
function filesIn(root, source) {
  const path = join(root, source)
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [source]
  return readdirSync(path).flatMap((name) => filesIn(root, join(source, name)))
}
