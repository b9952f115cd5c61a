/**
 * A build of the engine that can be stopped before any single store to memory, as a thread is that is
 * terminated there. Made from the sources in a temporary folder: every store, atomic ones and copies
 * included, is preceded by a call that the test provides.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useEngineModule } from '../../src/engine/module.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Raised in the place of a store: the thread is as good as dead. */
export class Killed extends Error {
  constructor() {
    super('killed before a store')
  }
}

const STEPS = `
// @ts-ignore: decorators on declarations
@external('fault', 'step')
export declare function step(): void

export function faultStore<T>(ptr: u32, value: T, offset: u32 = 0): void {
  step()
  store<T>(ptr + offset, value)
}
export function faultVector(ptr: u32, value: v128, offset: u32 = 0): void {
  step()
  v128.store(ptr + offset, value)
}
export function faultFill(ptr: u32, value: u8, bytes: u32): void {
  step()
  memory.fill(ptr, value, bytes)
}
export function faultCopy(to: u32, from: u32, bytes: u32): void {
  step()
  memory.copy(to, from, bytes)
}
export function faultAtomicStore<T>(ptr: u32, value: T, offset: u32 = 0): void {
  step()
  atomic.store<T>(ptr + offset, value)
}
export function faultAdd<T>(ptr: u32, value: T, offset: u32 = 0): T {
  step()
  return atomic.add<T>(ptr + offset, value)
}
export function faultOr<T>(ptr: u32, value: T, offset: u32 = 0): T {
  step()
  return atomic.or<T>(ptr + offset, value)
}
export function faultExchange<T>(ptr: u32, value: T, offset: u32 = 0): T {
  step()
  return atomic.xchg<T>(ptr + offset, value)
}
export function faultCompare<T>(ptr: u32, expected: T, value: T): T {
  step()
  return atomic.cmpxchg<T>(ptr, expected, value)
}
`

const REPLACEMENTS: [RegExp, string][] = [
  [/(?<![.\w])store</g, 'faultStore<'],
  [/\bv128\.store\(/g, 'faultVector('],
  [/\bmemory\.fill\(/g, 'faultFill('],
  [/\bmemory\.copy\(/g, 'faultCopy('],
  [/\batomic\.store</g, 'faultAtomicStore<'],
  [/\batomic\.add</g, 'faultAdd<'],
  [/\batomic\.or</g, 'faultOr<'],
  [/\batomic\.xchg</g, 'faultExchange<'],
  [/\batomic\.cmpxchg</g, 'faultCompare<'],
]
const NAMES =
  'step, faultStore, faultVector, faultFill, faultCopy, faultAtomicStore, faultAdd, faultOr, faultExchange, faultCompare'

export class FaultEngine {
  readonly #module: WebAssembly.Module
  #steps = 0
  #killAt = Number.POSITIVE_INFINITY

  constructor() {
    this.#module = compile()
  }

  /** Caches created or attached by `action` run on this build. */
  use<Result>(action: () => Result): Result {
    const step = (): void => {
      // Why from then on: the dead write nothing more, whatever catches the error.
      if (++this.#steps >= this.#killAt) throw new Killed()
    }
    useEngineModule(this.#module, { fault: { step } })
    try {
      return action()
    } finally {
      useEngineModule(undefined)
    }
  }

  /** How many stores an action takes. */
  async count(action: () => unknown): Promise<number> {
    this.#steps = 0
    await action()
    return this.#steps
  }

  /**
   * Runs an action that is killed before store number `at` (from 1), if it gets that far.
   * @returns whether it did
   */
  async killAt(at: number, action: () => unknown): Promise<boolean> {
    this.#steps = 0
    this.#killAt = at
    try {
      await action()
    } catch (error) {
      if (!isKill(error)) throw error
    } finally {
      this.#killAt = Number.POSITIVE_INFINITY
    }
    return this.#steps >= at
  }
}

function isKill(error: unknown): boolean {
  return error instanceof Killed || (error instanceof Error && error.cause instanceof Killed)
}

function compile(): WebAssembly.Module {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-fault-'))
  try {
    cpSync(join(ROOT, 'assembly'), folder, { recursive: true })
    writeFileSync(join(folder, 'faults.ts'), STEPS)
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts') || path === 'faults.ts') continue
      const before = readFileSync(join(folder, path), 'utf8')
      const after = REPLACEMENTS.reduce((text, [from, to]) => text.replace(from, to), before)
      if (after === before) continue
      const up = path.includes('/') ? '..' : '.'
      writeFileSync(join(folder, path), `import { ${NAMES} } from '${up}/faults'\n${after}`)
    }
    const wasm = join(folder, 'engine.wasm')
    const { options } = JSON.parse(readFileSync(join(ROOT, 'asconfig.json'), 'utf8'))
    writeFileSync(join(folder, 'asconfig.json'), JSON.stringify({ options }))
    const compiler = join(ROOT, 'node_modules/assemblyscript/bin/asc.js')
    const args = [
      'index.ts',
      '--config',
      'asconfig.json',
      '--outFile',
      wasm,
      '--optimizeLevel',
      '1',
    ]
    execFileSync(process.execPath, [compiler, ...args], { cwd: folder, stdio: 'pipe' })
    return new WebAssembly.Module(readFileSync(wasm))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
