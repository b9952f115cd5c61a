// Words that a walk counts in: the thread's value staging, which is nobody's between calls.

import { Thread } from './thread'

export class Scratch {
  static clear(first: u32, count: u32): void {
    memory.fill(Thread.valuePtr() + (first << 2), 0, count << 2)
  }

  static get(word: u32): u32 {
    return load<u32>(Thread.valuePtr() + (word << 2))
  }

  static add(word: u32, amount: u32): void {
    store<u32>(Thread.valuePtr() + (word << 2), Scratch.get(word) + amount)
  }
}
