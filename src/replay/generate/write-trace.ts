/** From a generator to the bytes of a .hst file, a block at a time. */
import { blockBytes, TraceBlock } from '../../cache/trace/block.js'
import * as layout from '../../cache/trace/layout.js'
import { DELETE, NO_TTL, UNKNOWN_SIZE, WRITE } from '../access.js'
import type { Generator } from './generator.js'

const KIND = { keyKind: layout.KEY_NUMBER, keySet: new Uint8Array(8), thread: 0, share: 1 }
const MAX_RECORD_BYTES = 1 + 4 * layout.MAX_VARINT_BYTES

/** Each block is good until the next one is asked for. */
export function* blocksOf(generator: Generator): globalThis.Generator<Buffer, void, undefined> {
  const block = new TraceBlock(blockBytes(layout.KEY_NUMBER))
  let count = 0
  while (generator.next()) {
    put(block, generator)
    if (block.room >= MAX_RECORD_BYTES) continue
    yield block.close(KIND, count++)
    block.clear()
  }
  if (block.records > 0) yield block.close(KIND, count)
}

function put(block: TraceBlock, { key, sizeBytes, ttlMs, timeMs, operation }: Generator): void {
  let head = operation === WRITE ? layout.HEAD_WRITE : layout.HEAD_READ
  if (operation === DELETE) head = layout.HEAD_DELETE
  const hasSize = sizeBytes !== UNKNOWN_SIZE && operation !== DELETE
  const hasTtl = ttlMs !== NO_TTL && operation !== DELETE
  block.beginAt(head | (hasSize ? layout.HEAD_SIZE : 0) | (hasTtl ? layout.HEAD_TTL : 0), timeMs)
  block.putVarint(key)
  if (hasSize) block.putVarint(sizeBytes + 1)
  if (hasTtl) block.putVarint(ttlMs)
}
