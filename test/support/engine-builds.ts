/** The two builds of the engine. The debug build checks every assertion and traps where one fails. */
import { readFileSync } from 'node:fs'
import { useEngineModule } from '../../src/engine/module.js'

export const BUILDS = ['release', 'debug'] as const

export type Build = (typeof BUILDS)[number]

/** Caches created while `action` runs are on the given build. */
export function withBuild<Result>(build: Build, action: () => Result): Result {
  useEngineModule(build === 'debug' ? debugModule() : undefined)
  try {
    return action()
  } finally {
    useEngineModule(undefined)
  }
}

let compiled: WebAssembly.Module | undefined

function debugModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL('../../build/engine.debug.wasm', import.meta.url)),
  )
  return compiled
}
