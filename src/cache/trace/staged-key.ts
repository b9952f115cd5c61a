/** A key where it is staged (KeyStaging), so that it can be hashed without being copied. */
import type { RawBuffer } from '../../engine/raw-buffer.js'

export class StagedKey {
  readonly words: Int32Array
  /** Where among the words it begins. */
  wordIndex = 0
  chars = 0
  /** 1 if it is UTF-16. */
  wide = 0
  readonly #staging: RawBuffer

  constructor(staging: RawBuffer) {
    this.#staging = staging
    this.words = new Int32Array(staging.buffer, staging.byteOffset, staging.length >>> 2)
  }

  /** From now on the key at that offset, a multiple of 4. */
  at(offset: number, chars: number, wide: number): this {
    this.wordIndex = offset >>> 2
    this.chars = chars
    this.wide = wide
    return this
  }

  get text(): string {
    const start = this.wordIndex << 2
    const end = start + (this.chars << this.wide)
    return this.wide === 0
      ? this.#staging.latin1Slice(start, end)
      : this.#staging.ucs2Slice(start, end)
  }
}
