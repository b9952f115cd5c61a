/** The disk tier as one file that a process of its own can run: Node 20 does not run TypeScript. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Of the process that runs beside a test. */
export function scriptPath(name: string): string {
  return join(ROOT, 'test/tiers/disk', name)
}

export interface DiskBundle {
  readonly path: string
  dispose(): void
}

/** Why in build/: from there the package lmdb is found. */
export async function bundleDiskTier(): Promise<DiskBundle> {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'build', 'test-disk-'))
  const path = join(folder, 'disk-tier.mjs')
  await build({
    entryPoints: [join(ROOT, 'src/tiers/disk/disk-tier.ts')],
    outfile: path,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return { path, dispose: () => rmSync(folder, { recursive: true, force: true }) }
}
