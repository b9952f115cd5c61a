/**
 * Values too large for the staging: read and written piece by piece, where they stand.
 *
 * Reading takes no lock, and is in vain where a writer comes between; readLocked() is for keys whose
 * writers leave no moment of rest, and for taking a value away in the same step.
 */
import * as layout from '../../assembly/constants.js'
import { copyIn, copyOut } from './aligned-copy.js'
import type { Engine } from './engine.js'

export interface LockedValue {
  type: number
  bytes: Buffer
  version: number
}

export class LargeValues {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The value of the last get, read piece by piece into `target`; undefined if a writer came between. */
  read(target: Buffer = Buffer.allocUnsafeSlow(this.#engine.valueBytes)): Buffer | undefined {
    return this.readPieces(target) && this.#engine.exports.isValid() !== 0 ? target : undefined
  }

  /**
   * The value of the staged key, whatever its size, read under the lock of its shard.
   * @param isTaken the entry goes with it
   * @returns undefined: a miss, or the lock was not to be had in time
   */
  readLocked(keyChars: number, mode: number, isTaken: boolean): LockedValue | undefined {
    const type = this.#engine.exports.hold(keyChars, this.#engine.key.wide, mode)
    if (type === layout.STATUS_MISS) return undefined
    let isRead = false
    try {
      const bytes = Buffer.allocUnsafeSlow(this.#engine.valueBytes)
      if ((type & layout.LARGE_VALUE) !== 0) this.readPieces(bytes)
      else
        bytes.set(
          this.#engine.staging.subarray(
            layout.VALUE_STAGING_OFFSET,
            layout.VALUE_STAGING_OFFSET + bytes.length,
          ),
        )
      isRead = true
      return {
        type: type & ~layout.LARGE_VALUE,
        bytes,
        version: this.#engine.result(layout.THREAD_VERSION),
      }
    } finally {
      this.#engine.exports.letGo(isTaken && isRead ? 1 : 0)
    }
  }

  /** Fills the value of the entry that was reserved. */
  write(value: Uint8Array): void {
    let written = 0
    do {
      const at = this.#engine.result(layout.THREAD_PIECE_PTR)
      const bytes = Math.min(this.#engine.result(layout.THREAD_PIECE_BYTES), value.length - written)
      copyIn(value.subarray(written, written + bytes), this.#engine.bytes.subarray(at, at + bytes))
      written += bytes
    } while (written < value.length && this.#engine.exports.nextPiece() !== 0)
  }

  /** Fills the target from the current piece on; false if there were not enough. */
  readPieces(target: Uint8Array): boolean {
    let filled = 0
    while (filled < target.length) {
      const at = this.#engine.result(layout.THREAD_PIECE_PTR)
      const bytes = Math.min(this.#engine.result(layout.THREAD_PIECE_BYTES), target.length - filled)
      copyOut(this.#engine.bytes.subarray(at, at + bytes), target.subarray(filled, filled + bytes))
      filled += bytes
      if (filled < target.length && this.#engine.exports.nextPiece() === 0) return false
    }
    return true
  }
}
