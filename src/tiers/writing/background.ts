/** What goes on after its caller was answered: counted, so that close() and drain() can wait for it. */
export class Background {
  readonly #running = new Set<Promise<unknown>>()

  /** @param work whose failure, where it can fail, has been told of by itself */
  add(work: Promise<unknown>): void {
    const end = (): void => void this.#running.delete(work)
    this.#running.add(work)
    work.then(end, end)
  }

  get size(): number {
    return this.#running.size
  }

  /** Resolves when all that was added before has ended, and what that has added. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
