/** Telling events to whoever listens; what a listener throws is dropped. */
import { EventEmitter } from 'node:events'
import type { TellEvent, TierEvents } from './events.js'

export class Telling {
  readonly events = new EventEmitter<TierEvents>()

  readonly tell: TellEvent = (name, ...args) => {
    try {
      this.events.emit(name, ...(args as never))
    } catch {
      // Why: it would disturb what told of the event.
    }
  }
}
