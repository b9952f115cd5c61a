/**
 * Loops inside WebAssembly that make keys out of numbers, stage them and call the engine: what it costs
 * without JavaScript's part. Imports the exports of an instance, so any build can be driven; a call from
 * instance to instance takes 1 to 2 ns.
 *
 * Written in AssemblyScript, with the keys of bank.mjs.
 */
import asc from 'assemblyscript/asc'
import { constants, KEY_BYTES, KEY_SALT, ORDER_TTL_MS, PLAIN_TYPE } from './bank.mjs'

const SOURCE = `
// @ts-ignore
@external("engine", "get")
declare function get(keyChars: u32, wide: u32, mode: u32): i32
// @ts-ignore
@external("engine", "set")
declare function set(keyChars: u32, wide: u32, valueBytes: u32, type: u32, mode: u32, ttlMs: f64, priority: u32, version: u32): i32
// @ts-ignore
@external("engine", "keyPtr")
declare const keyPtr: u32
// @ts-ignore
@external("engine", "valuePtr")
declare const valuePtr: u32
// @ts-ignore
@external("engine", "valueBytes")
declare const valueBytes: u32
// @ts-ignore
@external("engine", "isTimed")
declare const isTimed: u32
// @ts-ignore
@external("engine", "isRanked")
declare const isRanked: u32

const STEP: u32 = 0x9e3779b9

// @ts-ignore
@inline
function mix(value: u32): u32 {
  let mixed = (value ^ (value >>> 16)) * 0x21f0aaad
  mixed = (mixed ^ (mixed >>> 15)) * 0x735a2d97
  return mixed ^ (mixed >>> 15)
}

// @ts-ignore
@inline
function stage(number: u32): u32 {
  const mixed = mix(number)
  store<u32>(keyPtr, mixed)
  store<u32>(keyPtr, number, 4)
  store<u32>(keyPtr, mixed ^ ${KEY_SALT}, 8)
  store<u32>(keyPtr, ${KEY_SALT}, 12)
  return mixed
}

/** Below limit, uniformly. */
// @ts-ignore
@inline
function draw(state: u32, limit: u32): u32 {
  return u32((u64(mix(state)) * u64(limit)) >> 32)
}

// @ts-ignore
@inline
function put(number: u32): u32 {
  const mixed = stage(number)
  store<u32>(valuePtr, number)
  const ttlMs = isTimed ? f64(${ORDER_TTL_MS} + mixed % ${ORDER_TTL_MS}) : 0
  const status = set(${KEY_BYTES}, 0, valueBytes, ${PLAIN_TYPE}, ${constants.SET_ALWAYS}, ttlMs, isRanked ? mixed & 3 : 0, 0)
  return u32(status == ${constants.STATUS_STORED})
}

// @ts-ignore
@inline
function ask(number: u32): u32 {
  stage(number)
  const isHit = get(${KEY_BYTES}, 0, ${constants.GET_COUNTED}) != ${constants.STATUS_MISS}
  return u32(isHit && load<u32>(valuePtr) == number)
}

/** Gets of random numbers below limit; how many were answered, and rightly. */
export function getRandom(seed: u32, count: u32, limit: u32): u32 {
  let right: u32 = 0
  let state = seed
  for (let at: u32 = 0; at < count; at++) {
    state += STEP
    right += ask(draw(state, limit))
  }
  return right
}

export function getInOrder(first: u32, count: u32): u32 {
  let right: u32 = 0
  for (let at: u32 = 0; at < count; at++) right += ask(first + at)
  return right
}

/** Sets of random numbers below limit; how many were stored. */
export function setRandom(seed: u32, count: u32, limit: u32): u32 {
  let stored: u32 = 0
  let state = seed
  for (let at: u32 = 0; at < count; at++) {
    state += STEP
    stored += put(draw(state, limit))
  }
  return stored
}

export function setInOrder(first: u32, count: u32): u32 {
  let stored: u32 = 0
  for (let at: u32 = 0; at < count; at++) stored += put(first + at)
  return stored
}

/** What the loop itself takes: makes and stages keys. */
export function stageRandom(seed: u32, count: u32, limit: u32): u32 {
  let sum: u32 = 0
  let state = seed
  for (let at: u32 = 0; at < count; at++) {
    state += STEP
    sum += stage(draw(state, limit)) + load<u32>(keyPtr, 8)
  }
  return sum
}
`

/**
 * @typedef {object} Driver
 * @property {(seed: number, count: number, limit: number) => number} getRandom
 * @property {(first: number, count: number) => number} getInOrder
 * @property {(seed: number, count: number, limit: number) => number} setRandom
 * @property {(first: number, count: number) => number} setInOrder
 * @property {(seed: number, count: number, limit: number) => number} stageRandom
 */

/** The loops on one bank. @param {import('./bank.mjs').Bank} bank @returns {Promise<Driver>} */
export async function driverOf(bank) {
  const { engine, exports, valueBytes, policy } = bank
  compiled ??= await compileLoops(SOURCE)
  const areaPtr = engine.staging.byteOffset
  const imports = {
    env: { memory: engine.handle.memory },
    engine: {
      get: exports.get,
      set: exports.set,
      keyPtr: areaPtr + constants.KEY_STAGING_OFFSET,
      valuePtr: areaPtr + constants.VALUE_STAGING_OFFSET,
      valueBytes,
      isTimed: policy === 'ttl' ? 1 : 0,
      isRanked: policy === 'priority' ? 1 : 0,
    },
  }
  return new WebAssembly.Instance(compiled, imports).exports
}

let compiled

/** @param {string} source AssemblyScript, on an imported, shared memory */
export async function compileLoops(source) {
  const files = { 'loops.ts': source }
  const options = ['loops.ts', '--outFile', 'loops.wasm', '-O3', '--noAssert', '--runtime', 'stub']
  const memory = ['--importMemory', '--sharedMemory', '--enable', 'threads', '--use', 'abort=']
  const pages = ['--initialMemory', '1', '--maximumMemory', '65536', '--noExportMemory']
  let bytes
  const { error, stderr } = await asc.main([...options, ...memory, ...pages], {
    readFile: (name) => files[name] ?? null,
    writeFile: (_, contents) => {
      bytes = contents
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`the loops do not compile: ${stderr.toString()}`, { cause: error })
  return new WebAssembly.Module(bytes)
}
