/** The package works where it is installed: imported, typed, called, bundled. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Consumer, createConsumer, ROOT } from './consumer.js'

const APP = `
import { HotsetError, SharedCache } from 'hotset'
const cache = new SharedCache({ maxBytes: '4mb', ttl: '5m' })
cache.set('user:1', { name: 'Ada', born: new Date(0), friends: new Map([[1, new Set(['x'])]]) })
cache.set('large', 'x'.repeat(100_000), { tags: ['t'] })
const loaded = await cache.getOrSet('n', async ({ key }) => key + '!')
let refused
try {
  cache.set('user:2', { onSave() {} })
} catch (error) {
  refused = error instanceof HotsetError && error.path
}
console.log(JSON.stringify({
  name: cache.get('user:1').name,
  friends: cache.get('user:1').friends.get(1).has('x'),
  large: cache.get('large').length,
  loaded,
  refused,
  size: cache.size,
}))
cache.close()
`
const PRINTED = {
  name: 'Ada',
  friends: true,
  large: 100_000,
  loaded: 'n!',
  refused: 'value.onSave',
  size: 3,
}

const TYPED = `
import {
  CacheClosedError, CacheNamespace, CorruptSnapshotError, HotsetError, IncompatibleSnapshotError,
  InvalidKeyError, InvalidOptionError, LoaderTimeoutError, SharedCache, UnserializableValueError,
  type CacheOptions, type CacheStats, type Clock, type CustomCodec, type Duration, type EntryInfo,
  type GetOrSetOptions, type HotsetErrorCode, type Loader, type LoaderContext, type NearOptions,
  type Policy, type RemoveReason, type SetOptions, type ShardStats, type Size,
  type SizeClassStats, type VerifyReport,
} from 'hotset'

interface User { id: number }
const options: CacheOptions<User> = { maxBytes: '4mb' }
using users = new SharedCache<User>(options)
users.set('a', { id: 1 }, { ttl: '5m', tags: ['user'], priority: 5 })
const user: User | undefined = users.get('a')
const loaded: Promise<User> = users.getOrSet('b', async ({ key, signal }) => {
  signal.throwIfAborted()
  return { id: key.length }
}, { staleWhileRevalidate: '1m', refreshAhead: 0.8 })
const maybe: Promise<User | undefined> = users.getOrSet('c', () => undefined)
const view: CacheNamespace<User, EntryInfo> = users.namespace('n')
for (const [key, value] of users) console.log(key.length, value.id)
// @ts-expect-error: not a User
users.set('a', { id: 'one' })
// @ts-expect-error: no such option
new SharedCache({ maxSize: 1 })
const codec: CustomCodec<User> = {
  encode: (value) => Uint8Array.of(value.id),
  decode: (bytes) => ({ id: bytes[0] ?? 0 }),
}
export const all: unknown[] = [
  user, loaded, maybe, view, codec, CacheClosedError, CorruptSnapshotError, HotsetError,
  IncompatibleSnapshotError, InvalidKeyError, InvalidOptionError, LoaderTimeoutError,
  UnserializableValueError,
]
export type All = [
  CacheStats, Clock, Duration, GetOrSetOptions, HotsetErrorCode, Loader<User>, LoaderContext,
  NearOptions, Policy, RemoveReason, SetOptions, ShardStats, Size, SizeClassStats, VerifyReport,
]
`

const POOL_APP = `
import { SharedCache } from 'hotset'
import { CachePool } from 'hotset/pool'
const cache = new SharedCache({ maxBytes: '4mb' })
const pool = new CachePool({ cache, filename: new URL('./loaders.js', import.meta.url) })
console.log(JSON.stringify([await pool.getOrSet('a', 'double', { number: 21 }), cache.get('a')]))
await pool.close()
cache.close()
`

const POOL_TYPED = `
import { SharedCache } from 'hotset'
import {
  CachePool, PoolClosedError, QueueFullError, UnknownLoaderError, WorkerEndedError, LoaderModuleError,
  type CachePoolOptions, type PoolLoader, type PoolLoaderContext, type PoolRunOptions, type PoolStats,
} from 'hotset/pool'

const loaders = {
  render: async ({ id }: { id: number }, { signal, key }: PoolLoaderContext<Buffer>) => {
    signal.throwIfAborted()
    return Buffer.from(String(id) + key)
  },
  attachOptions: { near: false as const },
}
const cache = new SharedCache<Buffer>({ maxBytes: '4mb' })
const options: CachePoolOptions<Buffer> = { cache, filename: './loaders.js', maxThreads: 4 }
await using pool = new CachePool<Buffer, typeof loaders>(options)
const image: Promise<Buffer> = pool.getOrSet('a', 'render', { id: 1 }, { ttl: '5m' })
// @ts-expect-error: no such loader
pool.getOrSet('a', 'draw', { id: 1 })
// @ts-expect-error: no loader
pool.getOrSet('a', 'attachOptions')
// @ts-expect-error: wrong arguments
pool.getOrSet('a', 'render', { id: 'one' })
// @ts-expect-error: no such option
new CachePool({ cache, filename: './loaders.js', threads: 1 })
const untyped = new CachePool({ cache, filename: new URL('file:///loaders.js') })
const other: Promise<Buffer> = untyped.getOrSet('b', 'anything', 5)
const stats: PoolStats = pool.stats()
export const all: unknown[] = [
  image, other, stats, PoolClosedError, QueueFullError, UnknownLoaderError, WorkerEndedError,
  LoaderModuleError,
]
export type All = [PoolLoader, PoolRunOptions]
`

/** Modules of Node's that take long to load; elsewhere than on Linux some of them are needed. */
const NEEDLESS =
  process.platform === 'linux' ? ['crypto', 'stream', 'v8', 'worker_threads'] : ['v8']

const START = `
const before = process.moduleLoadList.length
const { SharedCache } = await import('hotset')
new SharedCache({ maxBytes: '4mb' }).close()
const loaded = process.moduleLoadList.slice(before)
console.log(JSON.stringify(loaded.map((name) => name.replace('NativeModule ', ''))))
`

const ADDON = `
import { SharedCache } from 'hotset'
let count = 0
const { dlopen } = process
process.dlopen = (...rest) => {
  count++
  return dlopen.apply(process, rest)
}
const cache = new SharedCache({ maxBytes: '4mb' })
cache.set('a', [{ text: 'x'.repeat(Number(process.argv[2])) }])
cache.get('a')
cache.close()
process.once('exit', () => console.log(count))
`

/** A message, a stack trace, and a line of code. */
const MAX_TOLD_CHARS = 4000

let consumer: Consumer

beforeAll(() => {
  consumer = createConsumer()
})

afterAll(() => {
  consumer?.remove()
})

describe('the installed package', () => {
  it('holds what is needed to use it, and nothing else', () => {
    const folder = join(consumer.folder, 'node_modules/hotset')
    const top = readdirSync(folder).sort()
    expect(top).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json'])
    const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
    const others = files.filter((file) => !/\.js$|\.d\.ts$|^[^.]*$/.test(file))
    expect(others).toEqual([])
    expect(files.filter((file) => /test|bench/.test(file))).toEqual([])
    // What is in the bundles is not there a second time, where somebody could load it beside them.
    expect(files.filter((file) => /^(src|assembly)\/.*\.js$/.test(file))).toEqual([])
    const licence = readFileSync(join(folder, 'dist/LICENSE-msgpackr'), 'utf8')
    expect(licence).toContain('Permission is hereby granted')
  })

  it('is imported from JavaScript', () => {
    consumer.write('app.js', APP)
    expect(JSON.parse(consumer.node('app.js'))).toEqual(PRINTED)
  })

  it('is the same package in another thread', () => {
    consumer.write('thread.js', "import './app.js'")
    consumer.write('app.js', APP)
    consumer.write(
      'threads.js',
      "import { Worker } from 'node:worker_threads'; new Worker(new URL('./thread.js', import.meta.url))",
    )
    expect(JSON.parse(consumer.node('threads.js'))).toEqual(PRINTED)
  })

  it('exports the names of the contract', () => {
    consumer.write(
      'import.js',
      "import * as hotset from 'hotset'; console.log(Object.keys(hotset).sort().join())",
    )
    expect(consumer.node('import.js').trim().split(',')).toEqual([
      'CacheClosedError',
      'CacheNamespace',
      'CorruptSnapshotError',
      'HotsetError',
      'IncompatibleSnapshotError',
      'InvalidKeyError',
      'InvalidOptionError',
      'LoaderTimeoutError',
      'SharedCache',
      'TooManyThreadsError',
      'UnserializableValueError',
    ])
  })

  it('calls its classes by the names that they are exported by', () => {
    consumer.write(
      'names.js',
      "import * as hotset from 'hotset'; console.log(Object.values(hotset).map(({ name }) => name).sort().join())",
    )
    expect(consumer.node('names.js')).toBe(consumer.node('import.js'))
  })

  it('tells of an error that nobody catches in some lines, not in a whole file of its code', () => {
    consumer.write(
      'uncaught.js',
      "import { SharedCache } from 'hotset'; new SharedCache({ maxBytes: -1 })",
    )
    let told = ''
    try {
      consumer.node('uncaught.js')
    } catch (error) {
      told = (error as { stderr: string }).stderr
    }
    expect(told).toContain("Option 'maxBytes' cannot be -1")
    expect(told.length).toBeLessThan(MAX_TOLD_CHARS)
  })

  it('loads little to be imported and to create a cache', () => {
    consumer.write('start.js', START)
    const loaded: string[] = JSON.parse(consumer.node('start.js'))
    expect(loaded).toContain('os')
    expect(loaded.filter((name) => NEEDLESS.includes(name))).toEqual([])
  })

  it('loads the addon that decodes large objects when it first meets one', () => {
    consumer.write('addon.js', ADDON)
    expect(Number(consumer.node('addon.js', '10'))).toBe(0)
    expect(Number(consumer.node('addon.js', '1000'))).toBe(1)
  })

  it('has a pool, whose workers find what they need', () => {
    consumer.write('loaders.js', 'export const double = ({ number }) => number * 2')
    consumer.write('pool.js', POOL_APP)
    expect(JSON.parse(consumer.node('pool.js'))).toEqual([42, 42])
  })

  it('has a command that explains itself', () => {
    const command = join(consumer.folder, 'node_modules/.bin/hotset')
    const run = (...args: string[]) => execFileSync(command, args, { encoding: 'utf8' })
    expect(run('--help')).toContain('hotset replay')
    expect(run('replay', '--help')).toContain('--policy')
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(run('--version').trim()).toBe(version)
  })

  it.each(['1', '2'])('has a command that replays a trace in %s threads', (threads) => {
    const trace = consumer.write('trace.txt', 'a\nb\na\nb\na\nb\n')
    const command = join(consumer.folder, 'node_modules/.bin/hotset')
    const options = ['replay', trace, '--format', 'keys', '--threads', threads, '--size', '1mb']
    expect(execFileSync(command, options, { encoding: 'utf8' })).toMatch(/hit ratio +│ +[\d.]+%/)
  })
})

describe('the type declarations', () => {
  it('hold for a Node project, libraries checked', () => {
    const typeRoots = [join(ROOT, 'node_modules/@types')]
    const lib = ['es2023', 'esnext.disposable']
    expect(consumer.checkTypes('node', TYPED, { types: ['node'], typeRoots, lib })).toBe('')
  })

  it('hold for a project with a pool, libraries checked', () => {
    const typeRoots = [join(ROOT, 'node_modules/@types')]
    const lib = ['es2023', 'esnext.disposable']
    expect(consumer.checkTypes('pool', POOL_TYPED, { types: ['node'], typeRoots, lib })).toBe('')
  })

  it('refer to no ambient type but those of the language and of AbortSignal', () => {
    expect(
      consumer.checkTypes('bare', TYPED, {
        types: [],
        lib: ['es2023', 'esnext.disposable', 'dom'],
      }),
    ).toBe('')
  })
})

describe('a bundle made by esbuild', () => {
  it.each(['esm', 'cjs'] as const)('of format %s runs with nothing beside it', async (format) => {
    const entry = consumer.write('bundled.js', format === 'esm' ? APP : wrapInFunction(APP))
    const folder = mkdtempSync(join(tmpdir(), 'hotset-bundle-'))
    try {
      const outfile = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs')
      const { warnings } = await build({
        entryPoints: [entry],
        outfile,
        bundle: true,
        platform: 'node',
        format,
        target: 'node20',
        minify: true,
        logLevel: 'silent',
      })
      expect(warnings).toEqual([])
      const printed = execFileSync(process.execPath, [outfile], { cwd: folder, encoding: 'utf8' })
      expect(JSON.parse(printed)).toEqual(PRINTED)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** Why: CommonJS has no await outside a function. */
function wrapInFunction(app: string): string {
  const [, imports, body] = /^\s*(import .*\n)([\s\S]*)$/.exec(app) ?? []
  return `${imports}async function main() {\n${body}}\nmain()\n`
}

describe('those who look at packages', () => {
  it('find nothing wrong: publint', async () => {
    const pkgDir = join(consumer.folder, 'node_modules/hotset')
    const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('find nothing wrong: attw, for a package of ES modules', () => {
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    const args = [attw, consumer.tarball, '--profile', 'esm-only', '--format', 'json']
    // It fails, and the test with it, where it finds something wrong.
    expect(JSON.parse(consumer.node(...args)).analysis.types.kind).toBe('included')
  })
})
