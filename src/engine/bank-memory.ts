/**
 * What can be told of a bank's memory without an instance of the engine on it: whether it is one, and what
 * its control block says.
 */
import * as layout from '../../assembly/constants.js'
import { requireBuiltin } from './builtins.js'

const { types }: typeof import('node:util') = requireBuiltin('node:util')

/** Why by the getter: it takes a memory of any realm, and nothing else. */
const { get: getBuffer } = Object.getOwnPropertyDescriptor(
  WebAssembly.Memory.prototype,
  'buffer',
) as PropertyDescriptor

/** Whether threads can share it, and it is large enough for a control block to be looked for. */
export function isSharedMemory(memory: unknown): boolean {
  const buffer = bufferOf(memory)
  return buffer !== undefined && buffer.byteLength >= layout.DYNAMIC_PTR
}

/** Whether it is as large as its control block says. The memory has to be of this layout version. */
export function isWholeBank(memory: unknown): boolean {
  const buffer = bufferOf(memory)
  if (buffer === undefined) return false
  const control = controlOf(buffer)
  const pagesEnd =
    control(layout.CONTROL_PAGES_PTR) + control(layout.CONTROL_PAGE_COUNT) * layout.PAGE_BYTES
  return buffer.byteLength >= pagesEnd + layout.GUARD_BYTES
}

/** How many threads can be attached to a bank at a time: each has an area, whose bytes are maxBytes' too. */
export function threadLimit(memory: { buffer: SharedArrayBuffer }): number {
  const control = controlOf(memory.buffer)
  const sparePages = control(layout.CONTROL_PAGE_COUNT) - control(layout.CONTROL_LEAST_PAGES)
  const areaPages = Math.ceil(layout.THREAD_BYTES / layout.PAGE_BYTES)
  return Math.min(layout.MAX_THREADS, 1 + Math.floor(sparePages / areaPages))
}

function bufferOf(memory: unknown): SharedArrayBuffer | undefined {
  try {
    const buffer: unknown = getBuffer?.call(memory)
    return types.isSharedArrayBuffer(buffer) ? buffer : undefined
  } catch {
    return undefined
  }
}

function controlOf(buffer: SharedArrayBuffer): (field: number) => number {
  const words = new Int32Array(buffer)
  return (field) => words[(layout.CONTROL_PTR + field) >>> 2] >>> 0
}
