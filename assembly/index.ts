// The engine's exports: arguments in, no logic. src/engine/exports.ts types them.

import { Accesses } from './accesses'
import { CLASS_INDEX, CONTROL_POOL_FREE_COUNT, CONTROL_PTR, TEXT_IS_WIDE } from './constants'
import { now } from './env'
import { Layout } from './layout'
import { Load } from './load'
import { Policy } from './policy/policy'
import { Selector } from './policy/selector'
import { Read } from './read'
import { ReadBatch } from './read-batch'
import { Recovery } from './recovery'
import { Reserve } from './reserve'
import { Room } from './room'
import { Scan } from './scan'
import { Hash } from './store/hash'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { SoftTags } from './sync/soft-tags'
import { Tags } from './sync/tags'
import { TextKey } from './text-key'
import { Wheel } from './time/wheel'
import { Touch } from './touch'
import { Verify } from './verify'
import { Write } from './write'

/** See Layout.plan(). Works without any of the imported globals. */
export function plan(
  maxBytes: f64,
  shardCount: u32,
  maxEntries: f64,
  policy: u32,
  maxEntryBytes: u32,
  lockTimeoutMs: u32,
): f64 {
  return Layout.plan(maxBytes, shardCount, maxEntries, policy, maxEntryBytes, lockTimeoutMs)
}

/** Makes an empty cache in a planned memory. */
export function format(maxBytes: f64, maxEntries: f64): void {
  Slab.formatClasses()
  store<u32>(CONTROL_PTR + CONTROL_POOL_FREE_COUNT, Control.pageCount())
  for (let index: u32 = 0; index < Shard.count(); index++) {
    const shard = Shard.at(index)
    Layout.assign(shard, maxBytes, maxEntries)
    Table.init(shard, Room.take(shard, CLASS_INDEX, 0))
    Wheel.init(shard)
    Policy.init(shard)
  }
}

export function get(keyChars: u32, wide: u32, mode: u32): i32 {
  return Read.get(keyChars, wide, mode)
}

/** As get(), of a key that is not staged yet; TEXT_IS_WIDE if it cannot be staged like this. */
export function getByText(key: externref, chars: u32, mode: u32): i32 {
  return TextKey.stage(key, chars) ? Read.get(chars, 0, mode) : TEXT_IS_WIDE
}

export function isValid(): bool {
  return Read.isValid()
}

export function nextPiece(): bool {
  return Read.nextPiece()
}

export function hold(keyChars: u32, wide: u32, mode: u32): i32 {
  return Read.hold(keyChars, wide, mode)
}

export function letGo(isTaken: bool): void {
  Write.letGo(isTaken)
}

export function inspect(keyChars: u32, wide: u32, mode: u32): i32 {
  return Read.inspect(keyChars, wide, mode)
}

export function stageKey(entry: u32, hash: u32): bool {
  return Read.stageKey(entry, hash)
}

export function locateKey(entry: u32): void {
  Read.locateKey(entry)
}

export function hashKey(keyChars: u32, wide: u32): u32 {
  return Read.hashKey(keyChars, wide)
}

/** The 64-bit hash of `bytes` staged tag bytes at the value staging, as two words at its place. */
export function hashTag(bytes: u32): void {
  store<u64>(Thread.valuePtr(), Hash.of(Thread.valuePtr(), bytes, 2))
}

/** See ReadBatch.get(). */
export function getMany(count: u32, mode: u32): u32 {
  return ReadBatch.get(count, mode)
}

export function set(
  keyChars: u32,
  wide: u32,
  valueBytes: u32,
  type: u32,
  mode: u32,
  ttlMs: f64,
  priority: u32,
  version: u32,
): i32 {
  return Write.set(keyChars, wide, valueBytes, type, mode, ttlMs, priority, version)
}

export function reserve(
  keyChars: u32,
  wide: u32,
  valueBytes: u32,
  mode: u32,
  ttlMs: f64,
  priority: u32,
): i32 {
  return Reserve.reserve(keyChars, wide, valueBytes, mode, ttlMs, priority)
}

export function commit(keyChars: u32, wide: u32, type: u32, mode: u32, version: u32): i32 {
  return Reserve.commit(keyChars, wide, type, mode, version)
}

export function increment(
  keyChars: u32,
  wide: u32,
  by: f64,
  mode: u32,
  ttlMs: f64,
  priority: u32,
): i32 {
  return Write.increment(keyChars, wide, by, mode, ttlMs, priority)
}

export function expire(keyChars: u32, wide: u32, sinceMs: f64): i32 {
  return Touch.expire(keyChars, wide, sinceMs)
}

export function settle(keyChars: u32, wide: u32): bool {
  return Touch.settle(keyChars, wide)
}

export function touch(keyChars: u32, wide: u32, ttlMs: f64): i32 {
  return Touch.touch(keyChars, wide, ttlMs)
}

export function remove(keyChars: u32, wide: u32, mode: u32, version: u32, reason: u32): i32 {
  return Write.remove(keyChars, wide, mode, version, reason)
}

export function take(keyChars: u32, wide: u32): i32 {
  return Write.take(keyChars, wide)
}

export function beginLoad(keyChars: u32, wide: u32, mode: u32): i32 {
  return Load.begin(keyChars, wide, mode)
}

export function endLoad(lease: u32, generation: u32): bool {
  return Load.end(lease, generation)
}

export function voidOtherLeases(): bool {
  return Scan.voidOtherLeases()
}

/** Takes back what the dead thread of a slot left. */
export function recover(slot: u32): bool {
  return Recovery.thread(slot)
}

/** Gives back a page a shard that has chunks to spare, where the pool is short; whether any was. */
export function compact(): bool {
  return Room.compact()
}

/** Makes room for the areas of the threads that are attached, less those leaving; false if it cannot (yet). */
export function reserveThreads(leaving: u32): bool {
  return Room.reserveThreads(leaving, now())
}

/** A hit that the host has answered itself. */
export function record(entry: u32, hash: u32): void {
  Accesses.noteLate(entry, hash)
}

export function drain(): void {
  Accesses.drain()
}

export function invalidateTag(bucketHash: u32, identity: u32): void {
  Tags.invalidate(bucketHash, identity)
}

export function expireTag(bucketHash: u32, identity: u32): void {
  SoftTags.invalidate(bucketHash, identity, now())
}

export function scan(shardIndex: u32, cursor: u32, filter: bool): i32 {
  return Scan.segment(shardIndex, cursor, filter)
}

export function sweep(shardIndex: u32, cursor: u32): i32 {
  return Scan.sweep(shardIndex, cursor)
}

export function purge(shardIndex: u32): i32 {
  return Scan.purge(shardIndex)
}

export function isPurged(shardIndex: u32): bool {
  return Scan.isPurged(shardIndex)
}

export function clear(): bool {
  return Scan.clear()
}

export function stat(shardIndex: u32, stat: u32): f64 {
  return Scan.stat(shardIndex, stat)
}

/** See Selector.report(). */
export function selection(shardIndex: u32): bool {
  return Selector.report(Shard.at(shardIndex))
}

/** How many invariants are broken; see verify.ts. */
export function verify(): i32 {
  return Verify.all()
}
