/** The engine's exports, as assembly/index.ts has them. Results of type u32 arrive signed. */
export interface EngineExports {
  plan(
    maxBytes: number,
    shardCount: number,
    maxEntries: number,
    policy: number,
    maxEntryBytes: number,
    lockTimeoutMs: number,
  ): number
  format(maxBytes: number, maxEntries: number): void
  get(keyChars: number, wide: number, mode: number): number
  /** Only where the module `readsStrings` (module.ts): elsewhere it is slow. */
  getByText(key: string, keyChars: number, mode: number): number
  getMany(count: number, mode: number): number
  isValid(): number
  nextPiece(): number
  hold(keyChars: number, wide: number, mode: number): number
  letGo(isTaken: number): void
  inspect(keyChars: number, wide: number, mode: number): number
  stageKey(entry: number, hash: number): number
  locateKey(entry: number): void
  hashKey(keyChars: number, wide: number): number
  hashTag(bytes: number): void
  set(
    keyChars: number,
    wide: number,
    valueBytes: number,
    type: number,
    mode: number,
    ttlMs: number,
    priority: number,
    version: number,
  ): number
  reserve(
    keyChars: number,
    wide: number,
    valueBytes: number,
    mode: number,
    ttlMs: number,
    priority: number,
  ): number
  commit(keyChars: number, wide: number, type: number, mode: number, version: number): number
  increment(
    keyChars: number,
    wide: number,
    by: number,
    mode: number,
    ttlMs: number,
    priority: number,
  ): number
  expire(keyChars: number, wide: number, sinceMs: number): number
  settle(keyChars: number, wide: number): number
  touch(keyChars: number, wide: number, ttlMs: number): number
  remove(keyChars: number, wide: number, mode: number, version: number, reason: number): number
  take(keyChars: number, wide: number): number
  beginLoad(keyChars: number, wide: number, mode: number): number
  endLoad(lease: number, generation: number): number
  voidOtherLeases(): number
  recover(slot: number): number
  compact(): number
  reserveThreads(leaving: number): number
  record(entry: number, hash: number): void
  drain(): void
  invalidateTag(bucketHash: number, identity: number): void
  expireTag(bucketHash: number, identity: number): void
  scan(shardIndex: number, cursor: number, filter: number): number
  sweep(shardIndex: number, cursor: number): number
  purge(shardIndex: number): number
  isPurged(shardIndex: number): number
  clear(): number
  stat(shardIndex: number, stat: number): number
  selection(shardIndex: number): number
  verify(): number
}

/** What an instance imports as module `env` (assembly/env.ts). */
export interface EngineImports {
  memory: WebAssembly.Memory
  threadPtr: number
  stampsPtr: number
  stampMask: number
  tagsPtr: number
  tagMask: number
  shardsPtr: number
  shardMask: number
  pageTablePtr: number
  pagesPtr: number
  pagesBytes: number
  weaklyOrdered: number
  policyKind: number
  now(): number
  park(ptr: number, expected: number, timeoutMs: number): number
  removed(entry: number, reason: number): void
  isDead(slot: number): number
}
