/**
 * One call of a key at a time, in the order in which they came; calls of other keys do not wait.
 *
 * A call of several keys takes its place at all of them at once, so two calls never wait for one another.
 */
export class KeyTurns {
  /** The end of the last call of each key that has one. */
  readonly #ends = new Map<string, Promise<void>>()

  /** @param keys each once */
  async take<Result>(
    keys: readonly string[],
    call: () => Promise<Result> | Result,
  ): Promise<Result> {
    const before = keys.flatMap((key) => this.#ends.get(key) ?? [])
    const { promise: end, resolve: finish } = withResolvers()
    for (const key of keys) this.#ends.set(key, end)
    try {
      if (before.length > 0) await Promise.all(before)
      return await call()
    } finally {
      finish()
      for (const key of keys) {
        if (this.#ends.get(key) === end) this.#ends.delete(key)
      }
    }
  }

  /** Resolves when the calls that are under way now have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#ends.values())
  }
}

// Why not Promise.withResolvers: Node 20 has none.
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise
  })
  return { promise, resolve }
}
