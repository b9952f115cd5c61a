/**
 * Says to a pass, in whatever thread it runs, that it is to end with what it has.
 *
 * 1. It is set once and never taken back.
 * 2. A word in shared memory: a thread sees it without its event loop turning.
 */
export class StopFlag {
  private readonly word: Int32Array

  constructor(readonly memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.word = new Int32Array(memory)
  }

  get isSet(): boolean {
    return Atomics.load(this.word, 0) !== 0
  }

  set(): void {
    Atomics.store(this.word, 0, 1)
  }
}
