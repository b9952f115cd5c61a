/**
 * Random bytes that nobody can foresee, from where the system has them as a file, else from node:crypto.
 *
 * Why the file: node:crypto takes 2.5 ms to load, a quarter of the time to import the package and create a cache.
 */
import { requireBuiltin } from './builtins.js'

const DEVICE = '/dev/urandom'

export function createRandomSeed(bytes: number): Uint8Array {
  const seed = new Uint8Array(bytes)
  if (readDevice(seed)) return seed
  const { randomFillSync }: typeof import('node:crypto') = requireBuiltin('node:crypto')
  return randomFillSync(seed)
}

/** @returns whether all of it was filled */
function readDevice(target: Uint8Array): boolean {
  // Why not there: it is a path like any other, where anybody may have put a file.
  if (process.platform === 'win32') return false
  const { closeSync, openSync, readSync }: typeof import('node:fs') = requireBuiltin('node:fs')
  try {
    const file = openSync(DEVICE, 'r')
    try {
      return readSync(file, target) === target.length
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
}
