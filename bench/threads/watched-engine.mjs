/**
 * An engine that tells the host whenever it takes or releases a lock: the build's assembly/, compiled
 * in a folder of its own with another sync/lock.ts in front of the real one. The engine that ships knows
 * nothing of it.
 *
 * Costs two calls out of WebAssembly a lock, some 50 ns each, which the times contain.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importBuilt } from '../harness/build.mjs'
import { builtCheckout } from '../harness/built-files.mjs'

const { SHARD_BYTES } = await importBuilt('assembly/constants.js')
const compiler = fileURLToPath(
  new URL('../../node_modules/assemblyscript/bin/asc.js', import.meta.url),
)
const checkout = builtCheckout()
const lockSource = join(checkout, 'assembly/sync/lock.ts')

/** The ways to a lock: all answer 0 where it was not to be had. */
const WAYS = [
  ['acquire', 'u32', 'ptr: u32', 'ptr'],
  ['tryAcquire', 'bool', 'ptr: u32', 'ptr'],
  ['acquireSoon', 'bool', 'ptr: u32', 'ptr'],
  ['takeFrom', 'bool', 'ptr: u32, slot: u32', 'ptr, slot'],
]

/** @param {string} plain the source that is watched, whose constants are passed on */
function watchedLock(plain) {
  const constants = [...plain.matchAll(/^export const (\w+)/gm)].map(([, name]) => name)
  const ways = WAYS.map(
    ([name, type, parameters, passedOn]) => `
  static ${name}(${parameters}): ${type} {
    const taken = PlainLock.${name}(${passedOn})
    if (taken) lockTaken(ptr)
    return taken
  }`,
  )
  return `
import { Lock as PlainLock } from './plain-lock'
export { ${constants.join(', ')} } from './plain-lock'

// @ts-ignore
@external("env", "lockTaken")
declare function lockTaken(ptr: u32): void
// @ts-ignore
@external("env", "lockReleased")
declare function lockReleased(ptr: u32): void

export class Lock extends PlainLock {
${ways.join('\n')}

  static release(ptr: u32): void {
    lockReleased(ptr)
    PlainLock.release(ptr)
  }
}
`
}

/** Whether the build that is measured has its sources beside it. */
export function hasSources() {
  return existsSync(lockSource)
}

/** @returns {WebAssembly.Module} as the release build, but watched; takes some seconds */
export function compileWatchedEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-bench-engine-'))
  try {
    cpSync(join(checkout, 'assembly'), join(folder, 'assembly'), { recursive: true })
    cpSync(join(checkout, 'asconfig.json'), join(folder, 'asconfig.json'))
    const lock = join(folder, 'assembly/sync/lock.ts')
    renameSync(lock, join(folder, 'assembly/sync/plain-lock.ts'))
    writeFileSync(lock, watchedLock(readFileSync(lockSource, 'utf8')))
    const options = ['--config', 'asconfig.json', '--target', 'release']
    execFileSync(process.execPath, [compiler, ...options], { cwd: folder, stdio: 'pipe' })
    return new WebAssembly.Module(readFileSync(join(folder, 'build/engine.wasm')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Every engine that this thread instantiates from now on calls `watcher`, with the number of the shard
 * whose lock it took, or is about to release. Other locks are not told of.
 *
 * @param {{ taken(shard: number): void, released(shard: number): void }} watcher
 */
export function watchShards(watcher) {
  const Instance = WebAssembly.Instance
  WebAssembly.Instance = class extends Instance {
    constructor(module, { env, ...rest }) {
      const shardOf = (ptr) => Math.floor(((ptr >>> 0) - env.shardsPtr) / SHARD_BYTES)
      const tell = (action) => (ptr) => {
        const shard = shardOf(ptr)
        if (shard >= 0 && shard <= env.shardMask) watcher[action](shard)
      }
      const hooks = { lockTaken: tell('taken'), lockReleased: tell('released') }
      super(module, { ...rest, env: { ...env, ...hooks } })
    }
  }
}
