/**
 * Every piece of JavaScript (```js) in docs/tiers.md and the README, run: `expression   // → value` is an assertion. A folder of its own
 * is the working directory, a Redis of its own is $REDIS_URL.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tiers from '../../src/tiers/index.js'
import { type RedisInstance, startRedis } from '../tiers/support/redis-instance.js'

const DOCS = [
  { path: 'docs/tiers.md', least: 14 },
  { path: 'README.md', least: 1 },
]
const BLOCK = /^```js\n([\s\S]*?)^```$/gm
const IMPORT = /^import \{ ([^}]+) \} from '([^']+)'$/gm
const CHECKED = /^(.*?\S) +\/\/ → (.+)$/gm

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor

const root = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'hotset-docs-'))
let redis: RedisInstance

beforeAll(async () => {
  redis = await startRedis()
  process.env.REDIS_URL = redis.url
  process.chdir(folder)
})

afterAll(async () => {
  process.chdir(root)
  delete process.env.REDIS_URL
  await redis?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(DOCS)('the code in $path', ({ path, least }) => {
  const text = readFileSync(join(root, path), 'utf8')
  const pieces = [...text.matchAll(BLOCK)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    code: match[1],
  }))

  it('is found', () => {
    expect(pieces.length).toBeGreaterThanOrEqual(least)
  })

  it.each(pieces)('at line $line does what it says', async ({ code }) => {
    await run(code)
  })
})

async function run(code: string): Promise<void> {
  const caches: tiers.TieredCache[] = []
  class Cache<V> extends tiers.TieredCache<V> {
    constructor(options?: tiers.TieredCacheOptions<V>) {
      super(options)
      caches.push(this as tiers.TieredCache)
    }
  }
  const modules: Record<string, object> = {
    'hotset/tiers': { ...tiers, TieredCache: Cache },
    'node:crypto': await import('node:crypto'),
  }
  const names: Record<string, unknown> = { db: createDatabase(), fetchPage: createPages() }
  for (const [, imported, module] of code.matchAll(IMPORT)) {
    for (const name of imported.split(', ')) {
      expect(Object.keys(modules[module]), module).toContain(name)
      names[name] = modules[module][name as never]
    }
  }
  const body = code
    .replace(IMPORT, '')
    .replace(
      CHECKED,
      (_, expression: string, value: string) => `expect(${expression}).toEqual(${value})`,
    )
  try {
    await new AsyncFunction('expect', ...Object.keys(names), body)(expect, ...Object.values(names))
  } finally {
    await Promise.all(caches.map((cache) => cache.close()))
  }
}

interface User {
  id: number
  name: string
}

/** What the pieces call `db`. */
function createDatabase() {
  const users = new Map<number, User>([
    [7, { id: 7, name: 'Ada' }],
    [8, { id: 8, name: 'Bob' }],
  ])
  return {
    user: (id: number) => users.get(id),
    video: (id: number) => ({ id, title: 'A video' }),
    users: (ids: number[]) => ids.map((id) => users.get(id)),
    saveUser: (id: number, user: User) => void users.set(id, user),
    removeUser: (id: number) => void users.delete(id),
  }
}

/** A page of another server, with an etag. */
function createPages() {
  const answers: number[] = []
  const fetchPage = ({ etag }: { etag: string | undefined }) => {
    const answer = etag === '"1"' ? { status: 304 } : { status: 200, etag: '"1"', body: 'a page' }
    answers.push(answer.status)
    return answer
  }
  return Object.assign(fetchPage, { answers: () => answers })
}
