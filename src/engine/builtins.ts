/**
 * Node's own modules, without what `import` would load beside them, and if need be later.
 *
 * Why not by `import`: it takes at the start what most processes never need (node:crypto 2.5 ms, node:v8
 * and node:worker_threads 1.5 ms each), and it reads all that a module exports, whereby node:fs loads streams
 * (1 ms) and node:util a parser of arguments (0.4 ms).
 */
import { createRequire } from 'node:module'

// Why by that path: any absolute one will do for Node's own modules, and a bundle of CommonJS has no import.meta.
export const requireBuiltin = createRequire(process.execPath)
