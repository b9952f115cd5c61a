/**
 * The keys that payloads are encrypted with: AES-256-GCM, as NIST SP 800-38D has it.
 *
 * 1. Writes use the current key; reads, the one whose id the payload names. So a key is rotated by adding a
 *    new one in all processes, making it the current one, and removing the old one when its entries are gone.
 * 2. Each write has a random nonce of 96 bits. With these a key must not be used for more than 2^32 writes, by
 *    all processes together (SP 800-38D, 8.3): 50 days of 1,000 writes a second. Rotate before that.
 * 3. A key's bytes are in no error, and not in what inspecting this shows.
 */
import type { KeyObject } from 'node:crypto'
import { requireBuiltin } from '../../engine/builtins.js'

const crypto: typeof import('node:crypto') = requireBuiltin('node:crypto')

const CIPHER = 'aes-256-gcm'
export const KEY_BYTES = 32
export const NONCE_BYTES = 12
export const TAG_BYTES = 16

export class KeyRing {
  readonly #keys: ReadonlyMap<string, KeyObject>
  readonly #current: KeyObject
  /** The current key's, in UTF-8. */
  readonly currentId: Buffer

  /** @param keys by id, KEY_BYTES each; `current` is among them */
  constructor(keys: ReadonlyMap<string, Uint8Array>, current: string) {
    this.#keys = new Map([...keys].map(([id, key]) => [id, crypto.createSecretKey(key)]))
    this.#current = this.#keys.get(current) as KeyObject
    this.currentId = Buffer.from(current)
  }

  has(id: string): boolean {
    return this.#keys.has(id)
  }

  /**
   * With the current key.
   * @param bound what the bytes belong to; opening has to give the same
   * @returns nonce, ciphertext and tag
   */
  seal(bytes: Uint8Array, bound: Uint8Array): Uint8Array[] {
    // Why not many in advance, 1 microsecond less a write: a copy of the process (a virtual machine, resumed twice)
    // would use them again, and that is the end of a key.
    const nonce = crypto.randomBytes(NONCE_BYTES)
    const cipher = crypto.createCipheriv(CIPHER, this.#current, nonce, {
      authTagLength: TAG_BYTES,
    })
    cipher.setAAD(bound)
    return [nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]
  }

  /**
   * @param sealed at least NONCE_BYTES + TAG_BYTES
   * @throws where a byte of anything given here is not as it was
   */
  open(id: string, sealed: Uint8Array, bound: Uint8Array): Uint8Array {
    const tagAt = sealed.length - TAG_BYTES
    const nonce = sealed.subarray(0, NONCE_BYTES)
    const decipher = crypto.createDecipheriv(CIPHER, this.#keys.get(id) as KeyObject, nonce, {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(bound)
    decipher.setAuthTag(sealed.subarray(tagAt))
    const bytes = decipher.update(sealed.subarray(NONCE_BYTES, tagAt))
    decipher.final()
    return bytes
  }
}
