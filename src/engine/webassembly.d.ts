// The part of the WebAssembly API in use. Why declared here: @types/node 20 has none of it, and lib
// "dom" would bring a browser's globals along.
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>

  class Module {
    /** @param options passed over by a runtime that does not know them */
    constructor(bytes: Uint8Array, options?: { builtins: readonly string[] })
  }

  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: Record<string, unknown>
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean })
    readonly buffer: SharedArrayBuffer
  }
}
