/** What can happen to bytes on their way: each of them changed in several ways, some cut off, some added. */

const MASKS = [0x01, 0x02, 0x04, 0x10, 0x80, 0xff]

export interface Damaged {
  bytes: Buffer
  /** For a failure to name. */
  how: string
}

export function* damaged(whole: Uint8Array): Generator<Damaged> {
  for (let at = 0; at < whole.length; at++) {
    for (const mask of MASKS) {
      const bytes = Buffer.from(whole)
      bytes[at] ^= mask
      yield { bytes, how: `byte ${at} ^ ${mask}` }
    }
    yield { bytes: Buffer.from(whole.subarray(0, at)), how: `cut off at ${at}` }
  }
  yield { bytes: Buffer.concat([whole, Buffer.of(0)]), how: 'a byte added' }
  yield { bytes: Buffer.concat([whole, whole]), how: 'twice' }
}
