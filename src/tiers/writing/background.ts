/** What goes on after its caller was answered: counted, so that close() and drain() can wait for it. */
export class Background {
  readonly #running = new Set<Promise<unknown>>()

  /** @param work whose failure, where it can fail, has been told of by itself */
  add(work: Promise<unknown>): void {
    const end = (): void => void this.#running.delete(work)
    this.#running.add(work)
    work.then(end, end)
  }

  /** The same for what its caller waits for: it may reject, to the caller. */
  during<Result>(work: Promise<Result>): Promise<Result> {
    this.add(work.then(ignore, ignore))
    return work
  }

  get size(): number {
    return this.#running.size
  }

  /** Resolves when all that was added before has ended, and what that has added. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}

function ignore(): void {}
