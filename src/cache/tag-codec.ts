/**
 * Tags on their way into an entry and back: hashes for the engine, names for info().
 *
 * Names are stored as UTF-8, each after a byte with its length. A lone surrogate in a tag's name comes
 * back as U+FFFD; which tag it is, the hash tells.
 *
 * Costs one Map lookup a tag whose hash is known; at most MAX_KNOWN hashes are kept.
 */
import type { Engine } from '../engine/engine.js'
import { VALUE_START } from '../engine/engine.js'

interface TagHash {
  bucket: number
  identity: number
}

const MAX_KNOWN = 10_000
const UTF16_BYTES = 2

export class TagCodec {
  readonly #anyEngine: () => Engine
  #known = new Map<string, TagHash>()

  /** @param anyEngine any bank: all hash alike. Why asked for: a closed cache lets its memory go. */
  constructor(anyEngine: () => Engine) {
    this.#anyEngine = anyEngine
  }

  hash(tag: string): TagHash {
    const known = this.#known.get(tag)
    if (known !== undefined) return known
    const engine = this.#anyEngine()
    // Why UTF-16: two names that differ are never the same bytes.
    engine.staging.ucs2Write(tag, VALUE_START, tag.length * UTF16_BYTES)
    engine.exports.hashTag(tag.length * UTF16_BYTES)
    const hash = {
      bucket: engine.staging.readInt32LE(VALUE_START),
      identity: engine.staging.readInt32LE(VALUE_START + 4),
    }
    if (this.#known.size >= MAX_KNOWN) this.#known = new Map()
    this.#known.set(tag, hash)
    return hash
  }

  hashes(tags: readonly string[]): Int32Array {
    const words = new Int32Array(tags.length * 2)
    tags.forEach((tag, index) => {
      const { bucket, identity } = this.hash(tag)
      words[index * 2] = bucket
      words[index * 2 + 1] = identity
    })
    return words
  }

  names(tags: readonly string[]): Uint8Array {
    const parts = tags.map((tag) => Buffer.from(tag, 'utf8'))
    return Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length), part]))
  }

  /** The names that info() left in the value staging. */
  readNames(engine: Engine, bytes: number): string[] {
    const names: string[] = []
    let at = VALUE_START
    const end = VALUE_START + bytes
    while (at < end) {
      const length = engine.staging[at]
      names.push(engine.staging.utf8Slice(at + 1, at + 1 + length))
      at += 1 + length
    }
    return names
  }
}
