/**
 * What every encoder of one kind of value shares: where the bytes go, and what happens when they do
 * not fit there.
 *
 * 1. An encoder writes into `target` from `offset` and never past `limit`.
 * 2. What does not fit is left whole in `overflow`, and the encoder answers DID_NOT_FIT.
 * 3. `overflow` holds until the next encode, of whichever codec.
 */

export const DID_NOT_FIT = -1

export interface EncodeState {
  /** The value type (value-type.ts) of the last encode. */
  type: number
  /** The whole encoding of the last encode, where it did not fit. */
  overflow: Uint8Array | undefined
}

/** Buffer's methods for one encoding each, which its types leave out: no parsing of its name. */
export interface RawBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
  ucs2Write(text: string, offset: number, length: number): number
  hexWrite(text: string, offset: number, length: number): number
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
  hexSlice(start: number, end: number): string
}

const MAX_SCRATCH_BYTES = 128 * 1024
let scratch: Buffer | undefined

/**
 * Memory outside Buffer's pool for an encoding that did not fit. Why the same again and again: new memory for
 * each string of 64 KiB takes as long as its copy.
 */
export function spill(state: EncodeState, bytes: number): Buffer {
  if (bytes > MAX_SCRATCH_BYTES) state.overflow = Buffer.allocUnsafeSlow(bytes)
  else {
    scratch ??= Buffer.allocUnsafeSlow(MAX_SCRATCH_BYTES)
    state.overflow = scratch.subarray(0, bytes)
  }
  return state.overflow as Buffer
}

/** Copies an encoding that lies ready in private memory. */
export function place(
  state: EncodeState,
  type: number,
  bytes: Uint8Array,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  state.type = type
  if (bytes.length > limit - offset) {
    state.overflow = bytes
    return DID_NOT_FIT
  }
  target.set(bytes, offset)
  return bytes.length
}

export function corrupt(what: string): Error {
  return new Error(`Corrupt value: ${what}`)
}
