/** Benchmarks refuse a build that is older than its sources. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { assertBuilt } from '../../bench/harness/stale-build.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hotset-test-build-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, seconds: number): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), '')
  utimesSync(join(root, path), seconds, seconds)
}

it('takes a build that is newer than all it was made of', () => {
  write('src/cache/near.ts', 100)
  write('assembly/index.ts', 100)
  write('asconfig.json', 100)
  write('README.md', 300)
  write('dist/src/index.js', 200)
  expect(() => assertBuilt(root)).not.toThrow()
})

it.each(['src/cache/near.ts', 'assembly/policy/lru.ts', 'scripts/build.mjs', 'asconfig.json'])(
  'refuses one that is older than %s',
  (path) => {
    write(path, 300)
    write('dist/src/index.js', 200)
    expect(() => assertBuilt(root)).toThrow(`dist/ is older than ${path}: npm run build`)
  },
)

it('refuses where nothing is built', () => {
  write('src/index.ts', 100)
  expect(() => assertBuilt(root)).toThrow('There is no build in dist/: npm run build')
})
