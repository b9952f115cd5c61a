/**
 * A cache policy without a cache: which requests would have been hits, and nothing is stored.
 *
 * 1. Objects are dense numbers, so that all that is known of them lies in typed arrays by number.
 * 2. `used` is never above the capacity.
 * 3. An access allocates nothing.
 */

export interface Requests {
  readonly length: number
  /** Dense ids from 0. */
  readonly keys: Uint32Array
  /** How large each object is; absent: every object is of 1. */
  readonly bytes: Uint32Array | undefined
}

export interface SimulationOptions {
  /** In bytes, or in entries where bytes are absent: a whole number, at least 1. */
  capacity: number
  /** Ids are below this. */
  keyCount: number
  /** For OPT, and for nothing else. */
  requests: Requests
}

export interface Simulation {
  /**
   * Read-through: looks the object up, and on a miss takes it in where the policy wants it.
   *
   * An object keeps the size that it was taken in with for as long as it stays. One that is larger than
   * the capacity is never taken in. One of 0 bytes counts as 1.
   *
   * @param key below `keyCount`
   * @param bytes how large the object is; 1 where every object is of 1
   * @param index of the request
   * @returns whether it was a hit
   */
  access(key: number, bytes: number, index: number): boolean
  /** The object went (deleted, expired). */
  remove(key: number): void
  /** Bytes (or entries) held: never above the capacity. */
  readonly used: number
}

/** Ids above are kept for the ends of lists. */
const MAX_KEYS = 2 ** 32 - 256

/** @throws RangeError */
export function checkOptions({ capacity, keyCount }: SimulationOptions): void {
  mustBeWhole('capacity', capacity, 1, Number.MAX_SAFE_INTEGER, 'bytes or entries')
  mustBeWhole('keyCount', keyCount, 0, MAX_KEYS, 'keys')
}

function mustBeWhole(name: string, value: number, first: number, last: number, unit: string): void {
  if (Number.isInteger(value) && value >= first && value <= last) return
  throw new RangeError(
    `${name} must be a whole number of ${unit} from ${first} to ${last}: ${value}`,
  )
}
