/**
 * Lets the writes of a key reach the tiers in the order in which they were begun, though some have to be
 * compressed before, which takes its time.
 *
 * 1. Where nothing of a key is pending and nothing has to be waited for, a write begins at once, in the same turn.
 * 2. Writes of different keys do not wait for each other.
 */
export class KeyOrder {
  readonly #pending = new Map<string, Promise<unknown>>()

  /** How many keys have a write that is being prepared. */
  get size(): number {
    return this.#pending.size
  }

  /** @param begin sends the write off, with what was prepared; is not called if that fails */
  async write<Prepared, Result>(
    key: string,
    prepared: Prepared | Promise<Prepared>,
    begin: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const before = this.#pending.get(key)
    if (before === undefined && !(prepared instanceof Promise)) return begin(prepared)
    // Why the result in an object: awaiting a promise of a promise would wait for the write itself.
    const sent = (async () => {
      // Order: both are waited for together, so that neither's failure goes unhandled.
      const [value] = await Promise.all([prepared, before])
      return { result: begin(value) }
    })()
    const settled = sent.then(ignore, ignore)
    this.#pending.set(key, settled)
    settled.then(() => {
      if (this.#pending.get(key) === settled) this.#pending.delete(key)
    })
    return (await sent).result
  }

  /** Resolves when the writes of these keys that are begun now have been sent; undefined: they have. */
  sent(keys: readonly string[]): Promise<unknown> | undefined {
    if (this.#pending.size === 0) return undefined
    const waiting = keys.flatMap((key) => this.#pending.get(key) ?? [])
    return waiting.length === 0 ? undefined : Promise.all(waiting)
  }

  /** The same for all keys. */
  allSent(): Promise<unknown> | undefined {
    return this.#pending.size === 0 ? undefined : Promise.all(this.#pending.values())
  }
}

function ignore(): void {}
