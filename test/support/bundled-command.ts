/**
 * The command and the threads it starts, built from the sources into a folder under build/.
 *
 * Why bundled: dist/ may be of another day, Node 20 does not run TypeScript, and vitest does not
 * transform what runs in worker threads.
 */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const ENTRY_POINTS = [
  'src/cli/main.ts',
  'src/replay/pass.ts',
  'src/replay/pass-worker.ts',
  'src/replay/threads/team.ts',
  'src/replay/threads/thread-worker.ts',
  'src/replay/curve/curve.ts',
  'src/replay/curve/crew.ts',
  'src/replay/curve/job-worker.ts',
]

/** @returns the folder, which whoever calls removes: main.js, pass-worker.js and so on lie in it */
export async function bundleCommand(): Promise<string> {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'build', 'test-cli-'))
  await build({
    entryPoints: ENTRY_POINTS.map((path) => join(ROOT, path)),
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return folder
}
