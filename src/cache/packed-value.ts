/**
 * A value as the cache would store it, in bytes of its own. Why in a file of its own: the package's
 * declarations refer to it, and must not draw in the engine's.
 */
export interface PackedValue {
  type: number
  bytes: Uint8Array
}
