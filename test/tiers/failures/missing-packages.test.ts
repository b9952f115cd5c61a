/** Tiers whose packages are not installed: the built package, in a folder where they cannot be found. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { startProcess } from '../support/child-process.js'
import { temporaryFolder, watchForUnhandled } from './failure-helpers.js'

watchForUnhandled()

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** What the package depends on by all means. */
const INSTALLED = ['cockatiel', 'lru-cache']

it('says which package is missing, and works with the tiers that are left', async () => {
  const folder = temporaryFolder()
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of INSTALLED) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  }
  const script = join(folder, 'missing-packages.mjs')
  cpSync(fileURLToPath(new URL('workers/missing-packages.mjs', import.meta.url)), script)
  const child = startProcess(pathToFileURL(script), [join(folder, 'cache.lmdb')])
  const missing = (name: string) => ({ code: 'ERR_HOTSET_MISSING_PACKAGE', package: name })
  expect(await child.next()).toEqual({
    ready: { redis: missing('redis'), disk: missing('lmdb') },
    set: { ok: false, tiers: { memory: 'stored', disk: 'failed', redis: 'failed' } },
    get: 'value',
    loaded: 'by loader',
    tiersTold: ['disk', 'redis'],
    unhandled: [],
  })
  expect(await child.exited).toEqual({ code: 0, signal: null })
}, 60_000)
