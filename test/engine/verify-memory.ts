/**
 * A bank's memory seen from outside, to break it on purpose: where the words of each struct are, and how to
 * find one that is worth breaking. Offsets are those of the drawings in assembly/struct/.
 *
 * 1. Whatever setWord() and the like change, restore() puts back.
 */
import assert from 'node:assert/strict'
import * as layout from '../../assembly/constants.js'
import type { Engine } from '../../src/engine/engine.js'

/** assembly/struct/shard.ts */
export const ShardField = {
  lock: 0,
  sequence: 4,
  entries: 8,
  staleEntries: 12,
  pages: 16,
  maxEntries: 20,
  depth: 28,
  directory: 32,
  maxDepth: 36,
  segments: 40,
  heapCount: 44,
  heapDirectory: 48,
  heapPages: 52,
  surplus: 56,
  counters: 64,
  wheelTick: 192,
  wheelCount: 200,
  policyScalars: 208,
  wheelBitmaps: 256,
  adaptiveDirectory: 296,
  selector: 308,
  wheelBuckets: 320,
  listBitmap: 3904,
  lists: 4096,
} as const

/** assembly/struct/adaptive-state.ts */
export const AdaptiveField = {
  young: 0,
  blocks: 12,
  buckets: 16,
  sweep: 24,
  configuration: 28,
  pages: 32,
} as const

/** assembly/struct/selector-state.ts: the first miniature; and that (assembly/struct/miniature.ts). */
export const SELECTOR_MINIATURES = 160
export const MiniatureField = { nodes: 0, buckets: 1024, counts: 1088 } as const
export const MINIATURE_BUCKETS = 64
const NODE_SHIFT = 3
const NODE_PREV = 5
const NODE_STATE = 7
const NODE_QUEUE_MASK = 7
/** The first of the sentinels, that of queue 0 which there is not. */
const MINIATURE_SENTINEL = 123

/** assembly/struct/page.ts */
export const PageField = {
  class: 0,
  listed: 1,
  shard: 2,
  used: 4,
  carved: 6,
  free: 8,
  prev: 12,
  next: 16,
} as const

/** assembly/struct/entry.ts */
export const EntryField = {
  hash: 0,
  meta: 4,
  value: 8,
  linkPrev: 12,
  linkNext: 16,
  heapIndex: 12,
  policy: 20,
  expiresAt: 32,
  wheelPrev: 40,
  wheelNext: 44,
} as const

/** assembly/struct/fragment.ts */
export const FragmentField = { prev: 0, next: 8, bytes: 12 } as const

/** assembly/struct/segment.ts */
export const GroupField = { tags: 0, overflow: 12, depth: 13, count: 14, slots: 16 } as const

const TYPE_SHIFT = 18
const TYPE_MASK = 15
const GROUP_BYTES = 64
const WHEEL_LISTS = 5 * 64
const LINK_PAIR_BYTES = 8
const CLASS_BYTES = 16
export const POLICY_LISTS = 512

/** A used slot of the index, and the entry that it refers to. */
export interface SlotView {
  segment: number
  group: number
  slot: number
  tag: number
  entry: number
}

export class VerifyMemory {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #shardCount: number
  #undo: { ptr: number; word: number }[] = []

  constructor(engine: Engine) {
    this.#words = engine.words
    this.#bytes = engine.bytes
    this.#view = new DataView(engine.bytes.buffer)
    this.#shardCount = engine.shardCount
  }

  // --- words ---

  word(ptr: number): number {
    return this.#words[ptr >>> 2] >>> 0
  }

  half(ptr: number): number {
    return this.#view.getUint16(ptr, true)
  }

  byte(ptr: number): number {
    return this.#bytes[ptr]
  }

  setWord(ptr: number, value: number): void {
    this.#remember(ptr)
    this.#words[ptr >>> 2] = value
  }

  setHalf(ptr: number, value: number): void {
    this.#remember(ptr)
    this.#view.setUint16(ptr, value, true)
  }

  setByte(ptr: number, value: number): void {
    this.#remember(ptr)
    this.#bytes[ptr] = value
  }

  addWord(ptr: number, amount: number): void {
    this.setWord(ptr, this.word(ptr) + amount)
  }

  flip(ptr: number, bits: number): void {
    this.setWord(ptr, this.word(ptr) ^ bits)
  }

  restore(): void {
    for (const { ptr, word } of this.#undo.reverse()) this.#words[ptr >>> 2] = word
    this.#undo = []
  }

  /** All that threads share, as it is now. */
  copyShared(): Buffer {
    return Buffer.from(this.#bytes.subarray(layout.DYNAMIC_PTR))
  }

  // --- where things are ---

  control(field: number): number {
    return this.word(layout.CONTROL_PTR + field)
  }

  controlPtr(field: number): number {
    return layout.CONTROL_PTR + field
  }

  shard(index: number): number {
    return this.control(layout.CONTROL_SHARDS_PTR) + index * layout.SHARD_BYTES
  }

  counterPtr(shard: number, stat: number): number {
    return shard + ShardField.counters + stat * 8
  }

  /** Of a class in a shard: first page with room u32, free chunks u32, pages u32. */
  classPtr(shard: number, sizeClass: number): number {
    return shard + layout.SHARD_CLASSES_OFFSET + sizeClass * CLASS_BYTES
  }

  listPtr(shard: number, list: number): number {
    return shard + ShardField.lists + list * LINK_PAIR_BYTES
  }

  /** The sentinels of the wheel that have members. */
  usedBuckets(shard: number): number[] {
    const first = shard + ShardField.wheelBuckets
    return Array.from(
      { length: WHEEL_LISTS },
      (_, index) => first + index * LINK_PAIR_BYTES,
    ).filter((sentinel) => this.word(sentinel + 4) !== sentinel)
  }

  usedLists(shard: number): number[] {
    return Array.from({ length: POLICY_LISTS }, (_, list) => list).filter((list) => {
      const sentinel = this.listPtr(shard, list)
      return this.word(sentinel + 4) !== sentinel
    })
  }

  // --- miniatures of policy adaptive ---

  /** That of the first configuration. */
  miniature(shard: number): number {
    const selector = this.word(shard + ShardField.selector)
    assert.ok(selector !== 0, 'the shard is large enough for a selector')
    return selector + SELECTOR_MINIATURES
  }

  /** A queue of a miniature that has nodes, 1 to 4. */
  usedQueue(miniature: number): number {
    const queues = [1, 2, 3, 4]
    const used = queues.find((queue) => this.byte(miniature + MiniatureField.counts + queue) !== 0)
    assert.ok(used !== undefined, 'the miniature has seen keys')
    return used
  }

  /** The nodes of a miniature that are in queues. */
  usedNodes(miniature: number): number[] {
    const nodes = Array.from(
      { length: MINIATURE_SENTINEL },
      (_, index) => miniature + ((index + 1) << NODE_SHIFT),
    )
    return nodes.filter((node) => (this.byte(node + NODE_STATE) & NODE_QUEUE_MASK) !== 0)
  }

  /** Where a queue of a miniature names its last node. */
  lastOfQueuePtr(miniature: number, queue: number): number {
    return miniature + ((MINIATURE_SENTINEL + queue) << NODE_SHIFT) + NODE_PREV
  }

  // --- pages ---

  /** The records of the pages that were ever used. */
  pages(): number[] {
    const first = this.control(layout.CONTROL_PAGE_TABLE_PTR)
    const count = this.control(layout.CONTROL_POOL_BUMP)
    return Array.from({ length: count }, (_, index) => first + index * layout.PAGE_ENTRY_BYTES)
  }

  pageOfChunk(chunk: number): number {
    const index = (chunk - this.control(layout.CONTROL_PAGES_PTR)) >>> layout.PAGE_SHIFT
    return this.control(layout.CONTROL_PAGE_TABLE_PTR) + index * layout.PAGE_ENTRY_BYTES
  }

  pageMemory(page: number): number {
    const offset = page - this.control(layout.CONTROL_PAGE_TABLE_PTR)
    const index = offset / layout.PAGE_ENTRY_BYTES
    return this.control(layout.CONTROL_PAGES_PTR) + index * layout.PAGE_BYTES
  }

  /** A page of the shard that the predicate holds for. */
  findPage(shard: number, holds: (page: number) => boolean): number {
    const page = this.pages().find((candidate) => {
      const isFree = this.byte(candidate + PageField.class) === layout.CLASS_FREE_PAGE
      const owner = this.shard(this.half(candidate + PageField.shard))
      return !isFree && owner === shard && holds(candidate)
    })
    assert.ok(page !== undefined, 'the bank has such a page')
    return page
  }

  isMovable(page: number): boolean {
    return this.byte(page + PageField.class) < layout.CLASS_INDEX
  }

  /** A page of entries with free chunks in its free list, one of them, and one in use. */
  findPageWithFree(shard: number): { page: number; free: number; used: number } {
    const page = this.findPage(
      shard,
      (candidate) => this.isMovable(candidate) && this.half(candidate + PageField.free) !== 0,
    )
    const memory = this.pageMemory(page)
    const chunkBytes = this.word(layout.CLASS_TABLE_PTR + this.byte(page + PageField.class) * 8)
    const carved = this.half(page + PageField.carved)
    const chunks = Array.from({ length: carved }, (_, index) => memory + index * chunkBytes)
    const used = chunks.find((chunk) => this.typeOf(chunk) !== layout.TYPE_FREE)
    assert.ok(used !== undefined, 'a page that a shard has is in use')
    return { page, free: memory + (this.half(page + PageField.free) - 1) * 8, used }
  }

  // --- the index ---

  directoryPtr(shard: number): number {
    return this.word(shard + ShardField.directory)
  }

  segments(shard: number): number[] {
    const first = this.directoryPtr(shard)
    const count = 2 ** this.word(shard + ShardField.depth)
    const all = Array.from({ length: count }, (_, index) => this.word(first + index * 4))
    return [...new Set(all)]
  }

  groups(shard: number): number[] {
    return this.segments(shard).flatMap((segment) =>
      Array.from({ length: layout.GROUP_COUNT }, (_, index) => segment + index * GROUP_BYTES),
    )
  }

  slots(shard: number): SlotView[] {
    return this.groups(shard).flatMap((group) =>
      Array.from({ length: layout.GROUP_SLOTS }, (_, index) => ({
        segment: group & ~(layout.SEGMENT_BYTES - 1),
        group,
        slot: group + GroupField.slots + index * 4,
        tag: group + index,
        entry: this.word(group + GroupField.slots + index * 4),
      })).filter(({ tag }) => this.byte(tag) !== 0),
    )
  }

  /** An entry of the shard that the predicate holds for, and where the index refers to it. */
  findSlot(shard: number, holds: (entry: number) => boolean = () => true): SlotView {
    const found = this.slots(shard).find(({ entry }) => holds(entry))
    assert.ok(found, 'the bank has such an entry')
    return found
  }

  findEntry(shard: number, holds?: (entry: number) => boolean): number {
    return this.findSlot(shard, holds).entry
  }

  // --- entries ---

  has(entry: number, flag: number): boolean {
    return (this.word(entry + EntryField.meta) & flag) !== 0
  }

  typeOf(chunk: number): number {
    return (this.word(chunk + EntryField.meta) >>> TYPE_SHIFT) & TYPE_MASK
  }

  setType(chunk: number, type: number): void {
    const meta = this.word(chunk + EntryField.meta) & ~(TYPE_MASK << TYPE_SHIFT)
    this.setWord(chunk + EntryField.meta, meta | (type << TYPE_SHIFT))
  }

  expiresAt(entry: number): number {
    return this.#view.getFloat64(entry + EntryField.expiresAt, true)
  }

  isTimed(entry: number): boolean {
    return this.has(entry, layout.FLAG_EXPIRY) && Number.isFinite(this.expiresAt(entry))
  }

  /** Where the optional part after the expiry begins. */
  chainPart(entry: number): number {
    let at = entry + layout.ENTRY_HEADER_BYTES
    if (this.has(entry, layout.FLAG_EXPIRY)) at += 16
    if (this.has(entry, layout.FLAG_LONG_EXPIRY)) at += 16
    return at
  }

  tagsPart(entry: number): number {
    return this.chainPart(entry) + (this.has(entry, layout.FLAG_CHAINED) ? 8 : 0)
  }

  /** The content of an entry without tags. */
  contentPtr(entry: number): number {
    assert.ok(!this.has(entry, layout.FLAG_TAGS))
    return this.tagsPart(entry)
  }

  /** The first of a chained entry's further chunks. */
  fragment(entry: number): number {
    return this.word(this.chainPart(entry))
  }

  get shards(): number[] {
    return Array.from({ length: this.#shardCount }, (_, index) => this.shard(index))
  }

  #remember(ptr: number): void {
    const at = (ptr >>> 2) << 2
    this.#undo.push({ ptr: at, word: this.word(at) })
  }
}
