/** The two ways into a cache: as its first thread, or by the handle of one that there is. */
import type { EngineHost } from '../engine/host.js'
import { type AttachOptions, resolveAttachOptions } from './attach-options.js'
import { Banks } from './banks.js'
import type { CacheHandle } from './cache-handle.js'
import { CacheClock } from './clock.js'
import { checkHandle, enginesOf } from './handle.js'
import { type CacheOptions, type ResolvedOptions, resolveOptions } from './options.js'

export class Creation {
  readonly options: ResolvedOptions
  readonly clock: CacheClock

  /** @throws InvalidOptionError */
  constructor(options: CacheOptions) {
    this.options = resolveOptions(options)
    this.clock = new CacheClock(this.options.clock)
  }

  /** @throws InvalidOptionError, RangeError */
  open(host: EngineHost): Banks {
    return Banks.create(this.options, host)
  }
}

export class Attachment {
  readonly options: ResolvedOptions
  readonly clock: CacheClock
  readonly #handle: CacheHandle

  /** @throws InvalidOptionError */
  constructor(handle: CacheHandle, options: AttachOptions | undefined) {
    this.#handle = checkHandle(handle)
    this.options = resolveAttachOptions(handle.options, options)
    this.clock = new CacheClock(this.options.clock, handle.epoch)
  }

  /** @throws TooManyThreadsError */
  open(host: EngineHost): Banks {
    return Banks.attach(enginesOf(this.#handle), host, this.options.name)
  }
}
