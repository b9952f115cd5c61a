/**
 * The requests that a curve is worked out from: those of all keys, or of a share of them.
 *
 * 1. Either all requests of a key are in it, in the order of the trace, or none.
 * 2. Everything lies in shared memory, so that threads read it where it is.
 * 3. A column that the trace says nothing of is absent.
 */

/** Keys fall into so many groups by their hashes; how far these differ tells the error. */
export const KEY_GROUPS = 32

/** Of the whole trace, whatever part of it is in the sample. */
export interface TraceTotals {
  requests: number
  reads: number
  writes: number
  deletes: number
  /** Of objects whose size the trace does not give, the default. */
  readBytes: number
}

export interface Sample {
  readonly requests: number
  readonly keys: number
  /** The share of the keys that is in it, above 0; 1: all of them. */
  readonly rate: number
  readonly totals: TraceTotals

  /** A key's number, a request. */
  readonly keyOf: Uint32Array
  /** Size of the object, a request; absent: all are of the default size. */
  readonly objectBytes: Uint32Array | undefined
  readonly timeMs: Float64Array | undefined
  /** 0 for none. */
  readonly ttlMs: Float64Array | undefined
  /** Absent: all are reads. */
  readonly operations: Uint8Array | undefined

  /** By key: the size when it was last seen. */
  readonly lastBytes: Uint32Array
  /** By key: the length of the key itself. */
  readonly keyLengths: Uint32Array
  /** By key: below KEY_GROUPS. */
  readonly groups: Uint8Array
}
