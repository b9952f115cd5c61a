/** How workers wait for each other, on shared words: without an event loop, and without a bound of their own. */

/** Returns once as many threads as `parties` have come. Uses the words at `index` and `index + 1`. */
export function meet(control, index, parties) {
  const generation = Atomics.load(control, index + 1)
  if (Atomics.add(control, index, 1) === parties - 1) {
    Atomics.store(control, index, 0)
    Atomics.add(control, index + 1, 1)
    Atomics.notify(control, index + 1)
    return
  }
  while (Atomics.load(control, index + 1) === generation) {
    Atomics.wait(control, index + 1, generation)
  }
}

/** Tells all who wait for it. */
export function signal(control, index, value) {
  Atomics.store(control, index, value)
  Atomics.notify(control, index)
}

/** Waits until the word is at least `value`. Why spinning first: so that the other thread is met at once. */
export function awaitSignal(control, index, value) {
  for (let spin = 0; spin < 500; spin++) if (Atomics.load(control, index) >= value) return
  for (;;) {
    const now = Atomics.load(control, index)
    if (now >= value) return
    Atomics.wait(control, index, now)
  }
}

/** Random numbers from a seed (xorshift): a whole number from 0 to `end - 1`. */
export function randomFrom(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return (end) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % end
  }
}
