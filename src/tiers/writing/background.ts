/** What goes on after its caller was answered: counted, so that close() and drain() can wait for it. */
export class Background {
  readonly #running = new Set<Promise<unknown>>()

  /** @param work that does not reject */
  add(work: Promise<unknown>): void {
    this.#running.add(work)
    work.finally(() => this.#running.delete(work))
  }

  get size(): number {
    return this.#running.size
  }

  /** Resolves when all that was added before has ended, and what that has added. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
