/** Codecs of all kinds, and what came of an attempt to open something. */
import type { PackedValue } from '../../../src/cache/packed-value.js'
import { knownAlgorithms } from '../../../src/tiers/record/compression.js'
import { PayloadCodec } from '../../../src/tiers/record/payload.js'
import { PayloadError } from '../../../src/tiers/record/payload-error.js'
import { type PayloadOptions, resolvePayload } from '../../../src/tiers/record/payload-options.js'

export const KEY_ONE = Buffer.from('one'.padEnd(32, '-'))
export const KEY_TWO = Buffer.from('two'.padEnd(32, '-'))

export const ENCRYPTION = { keys: { one: KEY_ONE }, current: 'one' }

export function codecOf(options?: PayloadOptions): PayloadCodec {
  return new PayloadCodec(resolvePayload(options))
}

const compressions: PayloadOptions['compression'][] = [
  false,
  {},
  ...knownAlgorithms().map((algorithm) => ({ threshold: 0, algorithm })),
]

/** Each compression that this Node has, without and with encryption. */
export const CODECS: [string, PayloadCodec][] = compressions.flatMap((compression) =>
  [undefined, ENCRYPTION].map((encryption): [string, PayloadCodec] => [
    `${compression ? (compression.algorithm ?? 'auto') : 'none'}${encryption ? ', encrypted' : ''}`,
    codecOf({ compression, encryption }),
  ]),
)

/** Why it cannot be opened; 'opened' where it can. */
export async function reasonOf(
  codec: PayloadCodec,
  key: string,
  payload: Uint8Array,
): Promise<string> {
  try {
    await codec.open(key, payload)
    return 'opened'
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return error.reason
  }
}

/** Compresses well, and no piece of it is like another. */
export function textOf(bytes: number): PackedValue {
  let text = ''
  for (let line = 0; text.length < bytes; line++) text += `{"id":${line},"square":${line * line}},`
  return { type: 1, bytes: Buffer.from(text.slice(0, bytes)) }
}
