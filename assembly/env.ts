// What the host gives to an instance: immutable globals (one instance serves one thread) and two calls.
// Why globals: they are constants to the compiler, so that no hot path loads the geometry from memory.

/** This thread's private area (struct/thread.ts). */
export declare const threadPtr: u32
/** The 32-bit stamps, and the mask that picks one by a key's hash. */
export declare const stampsPtr: u32
export declare const stampMask: u32
/** The tables of invalidated tags, and the mask that picks a bucket. */
export declare const tagsPtr: u32
export declare const tagMask: u32
/** The shards, and the mask that picks one by a key's hash. */
export declare const shardsPtr: u32
export declare const shardMask: u32
/** The page table, the pages, and how many bytes of pages there are. */
export declare const pageTablePtr: u32
export declare const pagesPtr: u32
export declare const pagesBytes: u32
/** 1 where loads may be reordered (any processor but x86), so that readers need a barrier. */
export declare const weaklyOrdered: u32
/** One of POLICY_* in constants.ts. */
export declare const policyKind: u32

/** Milliseconds since the cache was created, by its clock. */
export declare function now(): f64
/**
 * Waits until the word at `ptr` is no longer `expected`, at most `timeoutMs`; returns for how many ms it did.
 * Why imported: waiting inside wasm is miscompiled by Node 20's baseline compiler.
 */
export declare function park(ptr: u32, expected: u32, timeoutMs: f64): f64
/** Tells the host that the entry at `entryPtr` is about to go, and why (REMOVED_*). */
export declare function removed(entryPtr: u32, reason: u32): void
/** Whether the thread of a registry slot will never run again (or its engine failed). */
export declare function isDead(slot: u32): bool
