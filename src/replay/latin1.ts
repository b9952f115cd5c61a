/**
 * Bytes as characters, one for one. The string is new and whole: it keeps nothing else alive.
 */
export function latin1(bytes: Buffer, start = 0, end = bytes.length): string {
  return bytes.toString('latin1', start, end)
}
