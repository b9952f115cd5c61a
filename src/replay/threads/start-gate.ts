/**
 * Lets all threads of a round begin at once: they wait in front of it, one opens it.
 *
 * A word in shared memory counts how often it was opened. Who waits does so in the system, without
 * taking a core; nobody waits for a thread that has died, but whoever opens may be waited for by ever:
 * it ends the threads when it fails.
 */
export class StartGate {
  private readonly opened: Int32Array

  constructor(readonly memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.opened = new Int32Array(memory)
  }

  /** What `pass` waits to see change. To be read before the gate can have been opened. */
  get turn(): number {
    return Atomics.load(this.opened, 0)
  }

  pass(turn: number): void {
    // Bound: Atomics.wait returns when the gate is opened, seldom before.
    while (this.turn === turn) Atomics.wait(this.opened, 0, turn)
  }

  open(): void {
    Atomics.add(this.opened, 0, 1)
    Atomics.notify(this.opened, 0)
  }
}
