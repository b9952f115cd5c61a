/**
 * Keys into the staging and back: one byte a character where all fit in it (Latin-1), else two
 * (UTF-16), so that every JavaScript string, lone surrogates included, comes back as it was.
 *
 * Costs, Node 20: 1.5 ns a character up to SHORT_KEY_CHARS, from there about 35 ns at any length up
 * to 48 (Buffer.latin1Write).
 */
import type { RawBuffer } from './raw-buffer.js'

const SHORT_KEY_CHARS = 24
/** Why a regular expression: on a string stored as one byte a character it fails at once. */
const NOT_LATIN1 = /[^\0-\xff]/

export class KeyStaging {
  /** 1 if the staged key is UTF-16. */
  wide = 0
  readonly #buffer: RawBuffer
  /** The staging as words, and where in it the key begins. */
  readonly words: Int32Array
  readonly wordIndex: number
  readonly #offset: number

  constructor(staging: RawBuffer, offset: number) {
    this.#buffer = staging
    this.words = new Int32Array(staging.buffer, staging.byteOffset, staging.length >>> 2)
    this.#offset = offset
    this.wordIndex = offset >>> 2
  }

  write(key: string): void {
    this.writeAt(key, this.#offset)
  }

  /** @param offset in the staging, a multiple of 4; `wide` tells of this key afterwards */
  writeAt(key: string, offset: number): void {
    const length = key.length
    if (length > SHORT_KEY_CHARS) {
      this.#writeLong(key, offset)
      return
    }
    // Why by words: one bounds-checked store for four characters. Why one test at the end: cheaper
    // than one a character, and what was written in vain is written again.
    const { words } = this
    let at = offset >>> 2
    let bits = 0
    let index = 0
    for (const end = length & ~3; index < end; index += 4) {
      const a = key.charCodeAt(index)
      const b = key.charCodeAt(index + 1)
      const c = key.charCodeAt(index + 2)
      const d = key.charCodeAt(index + 3)
      bits |= a | b | c | d
      words[at++] = a | (b << 8) | (c << 16) | (d << 24)
    }
    let rest = 0
    for (let shift = 0; index < length; index++, shift += 8) {
      const code = key.charCodeAt(index)
      bits |= code
      rest |= code << shift
    }
    words[at] = rest
    if (bits > 0xff) this.#writeWide(key, offset)
    else this.wide = 0
  }

  read(bytes: number, wide: boolean): string {
    const end = this.#offset + bytes
    return wide
      ? this.#buffer.ucs2Slice(this.#offset, end)
      : this.#buffer.latin1Slice(this.#offset, end)
  }

  #writeLong(key: string, offset: number): void {
    if (NOT_LATIN1.test(key)) {
      this.#writeWide(key, offset)
      return
    }
    this.#buffer.latin1Write(key, offset, key.length)
    this.wide = 0
  }

  #writeWide(key: string, offset: number): void {
    this.#buffer.ucs2Write(key, offset, key.length * 2)
    this.wide = 1
  }
}
