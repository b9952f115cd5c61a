/** The starts that the benchmarks time: each imports and makes a cache that keeps an entry. */

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

interface Start {
  specifiers: string[]
  isRequired?: boolean
  create(
    exports: object,
    bounds: { maxBytes: number; max: number; path: string },
  ): {
    get(key: string): unknown
    set(key: string, value: string): unknown
    close?(): unknown
  }
}

const { IMPLEMENTATIONS, startOf } = (await import(
  new URL('../../bench/parts/start/implementations.mjs', import.meta.url).href
)) as { IMPLEMENTATIONS: string[]; startOf(implementation: string): Start }

const require = createRequire(import.meta.url)
const path = mkdtempSync(join(tmpdir(), 'hotset-test-start-'))
afterAll(() => rmSync(path, { recursive: true, force: true }))

it.each(IMPLEMENTATIONS)('%s keeps what it was given', async (implementation) => {
  const { specifiers, isRequired, create } = startOf(implementation)
  const parts = specifiers.map(async (specifier) =>
    isRequired ? { default: require(specifier) } : await import(specifier),
  )
  const exports = Object.assign({}, ...(await Promise.all(parts)))
  const cache = create(exports, { maxBytes: 2 ** 24, max: 1000, path })
  await cache.set('key', 'value')
  expect(await cache.get('key')).toBe('value')
  await cache.close?.()
})

it('knows no start of what is no implementation', () => {
  expect(() => startOf('hotcache')).toThrow("There is no start of 'hotcache'")
})
