/**
 * The house rules that can be checked by looking at files: who may import whom, who may touch raw
 * memory, what the shipped engine contains, and that nothing is skipped. Each test lists offenders.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** From top to bottom: a file imports from its own layer or one below. The first match counts. */
const LAYERS = [
  // the engine
  /^assembly\/index\.ts$/,
  /^assembly\/verify(\.ts$|\/)/,
  /^assembly\/[a-z-]+\.ts$(?<!\/(env|js-string|constants|repair)\.ts)/,
  /^assembly\/repair(\.ts$|\/)/,
  /^assembly\/policy\//,
  /^assembly\/(store|time)\//,
  /^assembly\/sync\//,
  /^assembly\/struct\//,
  /^assembly\/(env|js-string)\.ts$/,
]
const TYPESCRIPT_LAYERS = [
  /^src\/cli\//,
  /^src\/replay\//,
  /^src\/simulation\//,
  /^src\/(pool|tiers)\//,
  /^src\/index\.ts$/,
  /^src\/cache\//,
  /^src\/engine\//,
]
/** What everybody may import, and what imports nothing. */
const BOTTOM = 'assembly/constants.ts'

/** Who uses bare load and store besides struct/, and why. */
const RAW_MEMORY = new Map([
  ['assembly/index.ts', 'the pool is empty before there is a struct; a hash goes to the staging'],
  ['assembly/layout.ts', 'writes the control block that the structs are then found by'],
  ['assembly/policy/lfu.ts', 'the aging state, two words in pages of its own'],
  ['assembly/policy/policy.ts', 'empties the state that the policies share'],
  ['assembly/policy/ttl.ts', 'the heap: an array of offsets in pages of its own'],
  ['assembly/read.ts', 'the barrier before a read is validated'],
  ['assembly/scan.ts', 'lists entries in the value staging'],
  ['assembly/store/bytes.ts', 'compares and copies'],
  ['assembly/store/hash.ts', 'hashes'],
  ['assembly/store/table.ts', 'the probe'],
  ['assembly/sync/access-log.ts', 'the ring'],
  ['assembly/sync/lock.ts', 'compare-and-swap'],
  ['assembly/sync/soft-tags.ts', 'the records of soft invalidations'],
  ['assembly/sync/stamps.ts', 'counts up atomically'],
  ['assembly/sync/tags.ts', 'the records of invalidations'],
  ['assembly/text-key.ts', 'stages a key'],
  ['assembly/write.ts', 'the number of an increment, in place'],
])

const MAX_LINES = 400
/** Who is longer, and why. */
const LONG_FILES = new Map([
  [
    'src/cache/shared-cache.ts',
    'the public class: one short method a name of the API, with its contract',
  ],
  ['test/cache/loading.test.ts', 'one rule of freshness a test, on one target'],
  ['test/cache/value-codec.test.ts', 'one kind of value a test'],
])

/** Binding names that WebAssembly has and TypeScript sees through src/engine only. */
const WEBASSEMBLY = /\bWebAssembly\b/

const FOLDERS = ['assembly', 'src', 'test', 'bench', 'scripts']
const paths = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(folder, path.replaceAll('\\', '/')))
    .filter((path) => /\.(ts|mjs)$/.test(path) && !path.includes('.generated.')),
).sort()

const textOf = new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))

function text(path: string): string {
  return textOf.get(path) ?? ''
}

/** Without comments; strings are left alone, and none of ours holds what looks like a comment. */
function code(path: string): string {
  return text(path).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
}

function within(folder: string): string[] {
  return paths.filter((path) => path.startsWith(`${folder}/`))
}

/** The files that a file imports by a relative path, as they are called in the repository. */
function importsOf(path: string, source = code(path)): string[] {
  const found = source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']*)'/g)
  return Array.from(found, ([, specifier]) => {
    const target = posix.join(dirname(path), specifier)
    return target.endsWith('.js') ? target.replace(/\.js$/, '.ts') : `${target}.ts`
  }).filter((target) => !target.includes('.generated.'))
}

/** Without those of types alone, which are gone when the code runs. */
function loadsOf(path: string): string[] {
  return importsOf(path, code(path).replace(/^(im|ex)port type [^;]*? from '[^']*'$/gm, ''))
}

function rankIn(layers: RegExp[], path: string): number {
  return path === BOTTOM ? layers.length : layers.findIndex((layer) => layer.test(path))
}

function findUpwardImports(folder: string, layers: RegExp[]): string[] {
  return within(folder).flatMap((path) =>
    importsOf(path)
      .filter((target) => rankIn(layers, target) < rankIn(layers, path))
      .map((target) => `${path} imports ${target}`),
  )
}

function findCycles(folder: string): string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, above: string[]): void => {
    if (above.includes(path)) {
      cycles.push([...above.slice(above.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const target of loadsOf(path)) visit(target, [...above, path])
    done.add(path)
  }
  for (const path of within(folder)) visit(path, [])
  return cycles
}

describe.each([
  ['assembly', LAYERS],
  ['src', TYPESCRIPT_LAYERS],
])('imports in %s/', (folder, layers) => {
  it('have a layer each', () => {
    expect(within(folder).filter((path) => rankIn(layers, path) < 0)).toEqual([])
  })

  it('lead to files that are there', () => {
    const missing = within(folder).flatMap((path) =>
      importsOf(path)
        .filter((target) => !textOf.has(target))
        .map((target) => `${path} imports ${target}`),
    )
    expect(missing).toEqual([])
  })

  it('run one way, from the top layer to the bottom', () => {
    expect(findUpwardImports(folder, layers)).toEqual([])
  })

  it('make no cycles', () => {
    expect(findCycles(folder)).toEqual([])
  })
})

describe('the engine', () => {
  it('knows nothing outside itself', () => {
    const outside = within('assembly').flatMap((path) =>
      importsOf(path).filter((target) => !target.startsWith('assembly/')),
    )
    expect(outside).toEqual([])
    expect(importsOf(BOTTOM)).toEqual([])
  })

  it('touches raw memory in struct/ and a few named files only', () => {
    const users = within('assembly').filter(
      (path) =>
        !path.startsWith('assembly/struct/') &&
        /\b(load|store|v128\.load\w*|v128\.store\w*|atomic\.\w+|memory\.\w+)\s*[<(]/.test(
          code(path),
        ),
    )
    expect(users.filter((path) => !RAW_MEMORY.has(path))).toEqual([])
    expect([...RAW_MEMORY.keys()].filter((path) => !users.includes(path))).toEqual([])
  })

  it('makes no strings, arrays, closures or objects', () => {
    const offenders = within('assembly').filter((path) => {
      const body = code(path).replace(/^(import|\} from|@external\() ?.*$/gm, '')
      return /\bnew\b|'[^']*'|"[^"]*"|`|=>/.test(body)
    })
    expect(offenders).toEqual([])
  })

  it('keeps no state in module globals', () => {
    const offenders = within('assembly').filter((path) =>
      /^(export )?(let|var)\b/m.test(code(path)),
    )
    expect(offenders).toEqual([])
  })
})

describe('TypeScript', () => {
  it('reaches into assembly/ for the constants only', () => {
    const offenders = ['src', 'bench'].flatMap(within).flatMap((path) =>
      importsOf(path)
        .filter((target) => target.startsWith('assembly/') && target !== BOTTOM)
        .map((target) => `${path} imports ${target}`),
    )
    expect(offenders).toEqual([])
  })

  it('touches WebAssembly in src/engine only', () => {
    const offenders = within('src').filter(
      (path) => !path.startsWith('src/engine/') && WEBASSEMBLY.test(code(path)),
    )
    expect(offenders).toEqual([])
  })
})

describe('every file', () => {
  it('has at most 400 lines, but for those with a reason', () => {
    const long = paths.filter((path) => text(path).split('\n').length - 1 > MAX_LINES)
    expect(long.filter((path) => !LONG_FILES.has(path))).toEqual([])
    expect([...LONG_FILES.keys()].filter((path) => !long.includes(path))).toEqual([])
  })

  it('opens with a comment that says what it is', () => {
    const silent = paths.filter((path) => !/^(#!.*\n)?\/[/*]/.test(text(path)))
    expect(silent).toEqual([])
  })

  it('has a name in kebab-case', () => {
    const odd = paths.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(basename(path)))
    expect(odd).toEqual([])
  })
})

describe('tests', () => {
  it('are all run: none is skipped, singled out or left for later', () => {
    // Why in parts: this file would find itself.
    const marks = ['skip', 'only', 'todo', 'fails'].join('|')
    const skipped = new RegExp(
      `\\b(it|test|describe|suite|bench)(\\.\\w+)*\\.(${marks})\\b|\\bx(it|describe)\\(`,
    )
    expect(within('test').filter((path) => skipped.test(code(path)))).toEqual([])
  })
})

/** The sections of a WebAssembly module: their ids, and their contents. */
function readSections(bytes: Uint8Array): { id: number; content: Uint8Array }[] {
  const sections: { id: number; content: Uint8Array }[] = []
  let at = 8
  while (at < bytes.length) {
    const id = bytes[at]
    const size = readUnsigned(bytes, at + 1)
    sections.push({ id, content: bytes.subarray(size.end, size.end + size.value) })
    at = size.end + size.value
  }
  return sections
}

/** LEB128, at most 32 bits. */
function readUnsigned(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, end: at }
  }
  throw new Error('a number of more than 5 bytes')
}

describe('the release build of the engine', () => {
  const GLOBAL = 6
  const START = 8
  const ELEMENT = 9
  const DATA = 11
  const bytes = readFileSync(join(ROOT, 'build/engine.wasm'))
  const module = new WebAssembly.Module(bytes)

  it('has no data, no start function, no tables and no globals of its own', () => {
    const ids = readSections(bytes).map(({ id }) => id)
    expect(ids).toContain(10)
    for (const id of [GLOBAL, START, ELEMENT, DATA]) expect(ids).not.toContain(id)
  })

  it('imports what env.ts and js-string.ts declare, and nothing that can be written', () => {
    const { imports } = WebAssembly.Module as unknown as {
      imports(module: WebAssembly.Module): { module: string; name: string; kind: string }[]
    }
    const declaredIn = (path: string, from: string) =>
      Array.from(code(path).matchAll(/declare (?:const|function) (\w+)/g), ([, name]) => {
        return `${from}.${name}`
      })
    const known = [
      'env.memory',
      ...declaredIn('assembly/env.ts', 'env'),
      ...declaredIn('assembly/js-string.ts', 'wasm:js-string'),
    ]
    const found = imports(module).map((entry) => ({
      ...entry,
      name: `${entry.module}.${entry.name}`,
    }))
    // Not the other way round: the compiler drops what the release build does not need.
    expect(found.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([])
    expect(found.filter(({ kind }) => kind === 'function').length).toBe(5)
  })

  it('exports functions only, those that src/engine/exports.ts lists', () => {
    const { exports } = WebAssembly.Module as unknown as {
      exports(module: WebAssembly.Module): { name: string; kind: string }[]
    }
    const listed = /interface EngineExports \{([\s\S]*?)\n\}/.exec(code('src/engine/exports.ts'))
    const names = [...(listed?.[1] ?? '').matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name)
    expect(
      exports(module)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort())
    expect(exports(module).every(({ kind }) => kind === 'function')).toBe(true)
  })

  it('is what the package embeds', () => {
    const generated = readFileSync(join(ROOT, 'src/engine/engine-bytes.generated.ts'), 'utf8')
    expect(generated).toContain(`'${bytes.toString('base64')}'`)
  })
})
