/**
 * The compiled engine: compiled once a process, synchronously, from bytes embedded in the package.
 * Threads get the module itself with a cache's handle and compile nothing.
 */
import { ENGINE_BYTES_BASE64 } from './engine-bytes.generated.js'
import type { EngineExports } from './exports.js'

// Typed so that the compiler tells when an export is missing here.
const EXPORT_NAMES = Object.keys({
  plan: 1,
  format: 1,
  get: 1,
  getByText: 1,
  getMany: 1,
  isValid: 1,
  nextPiece: 1,
  inspect: 1,
  stageKey: 1,
  locateKey: 1,
  hashKey: 1,
  hashTag: 1,
  set: 1,
  reserve: 1,
  commit: 1,
  increment: 1,
  expire: 1,
  settle: 1,
  touch: 1,
  remove: 1,
  take: 1,
  beginLoad: 1,
  endLoad: 1,
  voidOtherLeases: 1,
  recover: 1,
  compact: 1,
  reserveThreads: 1,
  drain: 1,
  invalidateTag: 1,
  expireTag: 1,
  scan: 1,
  sweep: 1,
  purge: 1,
  isPurged: 1,
  clear: 1,
  stat: 1,
  selection: 1,
  verify: 1,
  hold: 1,
  letGo: 1,
  record: 1,
} satisfies Record<keyof EngineExports, 1>)

const { exports: exportsOf, imports: importsOf } = WebAssembly.Module as unknown as {
  exports(module: unknown): { name: string; kind: string }[]
  imports(module: unknown): { module: string }[]
}

/** The calls for strings, and from where a module imports them (https://github.com/WebAssembly/js-string-builtins). */
const BUILTINS = ['js-string']
export const STRINGS = 'wasm:js-string'

let compiled: WebAssembly.Module | undefined
let extra: object = {}

export function engineModule(): WebAssembly.Module {
  compiled ??= compileEngine(Buffer.from(ENGINE_BYTES_BASE64, 'base64'))
  return compiled
}

export function compileEngine(bytes: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(bytes, { builtins: BUILTINS })
}

/** Whether the engine reads strings without a call: Node 22 and later. What is built in is no longer imported. */
export function readsStrings(): boolean {
  return importsOf(engineModule()).every(({ module }) => module !== STRINGS)
}

/** The module as another thread compiled it. */
export function adoptEngineModule(module: WebAssembly.Module): void {
  compiled ??= module
}

/** Whether it is a compiled engine, of whichever build. */
export function isEngineModule(module: unknown): boolean {
  try {
    const functions = exportsOf(module).filter(({ kind }) => kind === 'function')
    const names = new Set(functions.map(({ name }) => name))
    return EXPORT_NAMES.every((name) => names.has(name))
  } catch {
    // It is no module at all.
    return false
  }
}

/**
 * For tests that run on other builds: all caches created or attached from now on use this module.
 * @param imports modules of imports that it needs beside the usual ones
 */
export function useEngineModule(module: WebAssembly.Module | undefined, imports = {}): void {
  compiled = module
  extra = imports
}

export function extraImports(): object {
  return extra
}
