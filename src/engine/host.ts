/** What a bank is made of, and what its engine needs of the cache that it works for. */
import type { Engine } from './engine.js'

export interface BankOptions {
  maxBytes: number
  /** 0: no bound. */
  maxEntries: number
  maxEntryBytes: number
  shardCount: number
  /** One of POLICY_*. */
  policy: number
  lockTimeoutMs: number
  /** One of FAVOR_*. */
  favor: number
}

export interface EngineHost {
  /** Milliseconds since the cache was created. */
  now(): number
  /** An entry is about to go: stageOwnKey() tells its key. Called under a lock. */
  removed(engine: Engine, entry: number, reason: number): void
  /** The engine failed, and must not be called again; what to throw of it. */
  failed(error: unknown): Error
}

/** What another thread needs to work on the same bank. Can be cloned into it. */
export interface EngineHandle {
  memory: WebAssembly.Memory
  module: WebAssembly.Module
}
