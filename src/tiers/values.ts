/**
 * Values on their way to the lower tiers and back: encoded as SharedCache encodes them, then sealed (compressed,
 * encrypted) for a key.
 */
import type { PackedValue } from '../cache/packed-value.js'
import type { CacheInside } from '../cache/shared-cache.js'

/** What seals and opens: record/payload.ts. */
export interface PayloadSealer {
  seal(key: string, packed: PackedValue): Uint8Array | Promise<Uint8Array>
  /** Throws or rejects where the bytes are not what was sealed for the key. */
  open(key: string, payload: Uint8Array): PackedValue | Promise<PackedValue>
}

export interface Opened<V> {
  readonly value: V
  /** As memory would store it. */
  readonly packed: PackedValue
}

export class Values<V> {
  readonly #inside: CacheInside<V>
  readonly #sealer: PayloadSealer

  constructor(inside: CacheInside<V>, sealer: PayloadSealer) {
    this.#inside = inside
    this.#sealer = sealer
  }

  /** @throws UnserializableValueError, TypeError: at once, whatever takes its time after that */
  seal(key: string, value: V): Uint8Array | Promise<Uint8Array> {
    return this.#sealer.seal(key, this.#inside.pack(value))
  }

  /** A promise where opening takes its time. Throws, or the promise rejects, where it is not what was sealed. */
  open(key: string, payload: Uint8Array): Opened<V> | Promise<Opened<V>> {
    const packed = this.#sealer.open(key, payload)
    return packed instanceof Promise
      ? packed.then((later) => this.#unpack(later))
      : this.#unpack(packed)
  }

  #unpack(packed: PackedValue): Opened<V> {
    return { value: this.#inside.unpack(packed), packed }
  }
}
