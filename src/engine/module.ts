/**
 * The compiled engine: compiled once a process, synchronously, from bytes embedded in the package.
 * Threads get the module itself with a cache's handle and compile nothing.
 */
import { ENGINE_BYTES_BASE64 } from './engine-bytes.generated.js'

let compiled: WebAssembly.Module | undefined

export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(ENGINE_BYTES_BASE64, 'base64'))
  return compiled
}

/** The module as another thread compiled it. */
export function adoptEngineModule(module: WebAssembly.Module): void {
  compiled ??= module
}

/** For tests that run on the debug build: all caches created from now on use this module. */
export function useEngineModule(module: WebAssembly.Module | undefined): void {
  compiled = module
}
