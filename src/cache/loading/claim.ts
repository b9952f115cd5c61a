/**
 * The claim of a thread to load a key: at most one thread has it at a time.
 *
 * 1. Who does not have it waits until the load elsewhere is over, then looks the key up, and claims
 *    it again if it is still missing.
 * 2. A claim is current until somebody writes or deletes the key, or invalidates a tag: what is being
 *    loaded may then be older than that, and neither is stored nor serves later callers.
 */
export interface LoadClaim {
  /** Another thread loads the key: resolves when that is over, or its thread may have died. */
  readonly elsewhere: Promise<void> | undefined
  /** There is a live value: nothing was claimed. */
  readonly isNeedless?: boolean
  isCurrent(): boolean
  /** Nothing will be stored (any more): the next thread may try. */
  end(): void
}

/**
 * 'join': another thread's load counts; 'retry': unless that thread has died; 'force': it does not
 * count, and its result will not be stored; 'ahead': as 'join', also where there is a live value.
 */
export type ClaimMode = 'join' | 'retry' | 'force' | 'ahead'
