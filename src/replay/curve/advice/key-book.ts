/**
 * What advice needs to know of keys by name: the prefix of each, and what the first of them are called.
 *
 * 1. Of keys that are numbers in the trace no string is made, and they have no prefix.
 * 2. The first MAX_NAMES keys of the sample have names: a key that is asked for often is soon among them.
 *
 * Costs 4 bytes a key, and the prefix tree.
 */
import type { HashedBlock } from '../hashed-block.js'
import type { KeyListener } from '../sampler.js'
import { withRoom } from '../shared-array.js'
import { NO_PREFIX, PrefixTree } from './prefix-tree.js'

const FIRST_KEYS = 4096
export const MAX_NAMES = 16_384

export class KeyBook implements KeyListener {
  readonly prefixes = new PrefixTree()
  private prefixOfKey = new Uint32Array(new SharedArrayBuffer(FIRST_KEYS * 4))
  private names: (string | number)[] = []

  onKey(block: HashedBlock, index: number, number: number): void {
    const key = block.numberAt(index) ?? block.keyAt(index)
    this.prefixOfKey = withRoom(this.prefixOfKey, number + 1)
    this.prefixOfKey[number] = typeof key === 'number' ? NO_PREFIX : this.prefixes.add(key)
    if (number === this.names.length && number < MAX_NAMES) this.names.push(key)
  }

  onRenumber(newNumbers: Int32Array): void {
    this.names = this.names.filter((_, number) => newNumbers[number] >= 0)
    for (let number = 0; number < newNumbers.length; number++) {
      const kept = newNumbers[number]
      if (kept >= 0) this.prefixOfKey[kept] = this.prefixOfKey[number]
    }
  }

  /** Keys 0 to `named` - 1 have names. */
  get named(): number {
    return this.names.length
  }

  nameOf(key: number): string {
    return String(this.names[key])
  }

  /** The number of the key's longest prefix. */
  prefixOf(key: number): number {
    return this.prefixes.resolve(this.prefixOfKey[key])
  }
}
