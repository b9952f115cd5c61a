/**
 * The compiled engine: compiled once a process, synchronously, from bytes embedded in the package.
 * Threads get the module itself with a cache's handle and compile nothing.
 */
import { ENGINE_BYTES_BASE64 } from './engine-bytes.generated.js'

let compiled: WebAssembly.Module | undefined
let extra: object = {}

export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(ENGINE_BYTES_BASE64, 'base64'))
  return compiled
}

/** The module as another thread compiled it. */
export function adoptEngineModule(module: WebAssembly.Module): void {
  compiled ??= module
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
