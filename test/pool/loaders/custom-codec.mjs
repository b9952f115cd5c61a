// Loaders for a cache with a codec and a clock of its own.
export const codec = {
  encode: (point) => Uint8Array.of(point.x, point.y),
  decode: (bytes) => ({ x: bytes[0], y: bytes[1] }),
}

export const clock = { now: () => Number(process.hrtime.bigint() / 1_000_000n) }

export const attachOptions = { codec, clock }

export function point({ x, y }) {
  return { x, y }
}
