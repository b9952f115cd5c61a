/**
 * Ctrl-C: the first one asks what is under way to end with what it has, the second one ends the
 * process at once, as the system does.
 */
import type { StopFlag } from '../replay/stop-flag.js'

/** What a shell takes a process that Ctrl-C ended to have answered. */
export const INTERRUPTED = 130

export interface InterruptOptions {
  /** The flag is set at the first Ctrl-C. */
  stop: StopFlag
  /** Told of the first one. */
  onStop(): void
}

/** @returns what gives Ctrl-C back its usual meaning */
export function watchInterrupts({ stop, onStop }: InterruptOptions): () => void {
  const release = () => process.removeListener('SIGINT', onInterrupt)
  function onInterrupt(): void {
    if (stop.isSet) {
      release()
      process.kill(process.pid, 'SIGINT')
      return
    }
    stop.set()
    onStop()
  }
  process.on('SIGINT', onInterrupt)
  return release
}
