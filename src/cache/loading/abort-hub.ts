/**
 * One abort listener a signal, however many callbacks wait for it.
 *
 * Why: a request's signal is handed to every getOrSet of that request, and Node 20 warns of a leak
 * from the eleventh listener of a signal on.
 *
 * 1. A signal has a listener exactly while a callback waits for it.
 * 2. A callback runs at most once; one that was removed, even by another callback, not at all.
 */
const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>()

/** The callback must not throw: it would keep the others from being called. */
export function addAbortCallback(signal: AbortSignal, callback: () => void): void {
  const callbacks = callbacksOf.get(signal)
  if (callbacks !== undefined) {
    callbacks.add(callback)
    return
  }
  callbacksOf.set(signal, new Set([callback]))
  signal.addEventListener('abort', onAbort, { once: true })
}

export function removeAbortCallback(signal: AbortSignal, callback: () => void): void {
  const callbacks = callbacksOf.get(signal)
  if (!callbacks?.delete(callback) || callbacks.size > 0) return
  callbacksOf.delete(signal)
  signal.removeEventListener('abort', onAbort)
}

function onAbort(event: Event): void {
  const signal = event.target as AbortSignal
  const callbacks = callbacksOf.get(signal)
  if (callbacks === undefined) return
  // Why a loop over the live set: a callback that removes another has to be heeded.
  for (const callback of callbacks) {
    callbacks.delete(callback)
    callback()
  }
  callbacksOf.delete(signal)
}
