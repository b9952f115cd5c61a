/**
 * Finds, of many key patterns, the most specific one that matches a key (compareSpecificity; of equals the one
 * that was written first).
 *
 * 1. A pattern without wildcards is looked up in a map. It is the most specific of all that match its key.
 * 2. Patterns `literal*` stand in the order of their literals, each with the longest other one that it begins
 *    with (`shorter`). The longest that begins a key is the last one not behind the key in that order, or one
 *    of those that this begins with.
 * 3. All others are tried one by one, the most specific first, until one could only lose against 2.
 *
 * Costs: one look into a map, a binary search and, for each general pattern, one comparison of its prefix.
 * Nothing is allocated.
 */
import { compareSpecificity, type GlobShape, shapeOf } from './glob-shape.js'

interface Indexed<Item> {
  readonly shape: GlobShape
  readonly item: Item
}

interface PrefixNode<Item> extends Indexed<Item> {
  readonly prefix: string
  readonly shorter: PrefixNode<Item> | undefined
}

export class PatternIndex<Item> {
  readonly #exact = new Map<string, Item>()
  readonly #prefixes: readonly PrefixNode<Item>[]
  readonly #general: readonly Indexed<Item>[]

  /**
   * @param patterns in the order of writing
   * @throws InvalidOptionError for a pattern that compilePattern refuses
   */
  constructor(patterns: Iterable<readonly [pattern: string, item: Item]>) {
    const prefixes = new Map<string, Indexed<Item>>()
    const general: Indexed<Item>[] = []
    for (const [glob, item] of patterns) {
      const shape = shapeOf(glob)
      const { prefix } = shape.pattern
      if (shape.kind === 'general') general.push({ shape, item })
      else if (shape.kind === 'exact') putIfAbsent(this.#exact, prefix, item)
      else putIfAbsent(prefixes, prefix, { shape, item })
    }
    this.#prefixes = linkPrefixes(prefixes)
    // Why this keeps the order of writing: sorting is stable.
    this.#general = general.sort((a, b) => compareSpecificity(a.shape, b.shape))
  }

  find(key: string): Item | undefined {
    if (this.#exact.size > 0) {
      const item = this.#exact.get(key)
      if (item !== undefined) return item
    }
    const byPrefix = this.#prefixes.length === 0 ? undefined : this.#longestPrefix(key)
    for (const { shape, item } of this.#general) {
      // Why not `<=`: with the same prefix a general pattern asks for more characters than `literal*` does.
      if (byPrefix !== undefined && shape.pattern.prefix.length < byPrefix.prefix.length) break
      if (shape.pattern.test(key)) return item
    }
    return byPrefix?.item
  }

  /** Whether a pattern `literal*` matches all keys that begin with `prefix`, so that none has to be asked for. */
  coversPrefix(prefix: string): boolean {
    return this.#prefixes.length > 0 && this.#longestPrefix(prefix) !== undefined
  }

  /** Whether a key that begins with `prefix` could match at all; false is certain. */
  mayMatchPrefix(prefix: string): boolean {
    const meets = (other: string) => other.startsWith(prefix) || prefix.startsWith(other)
    for (const key of this.#exact.keys()) if (key.startsWith(prefix)) return true
    return (
      this.#prefixes.some((node) => meets(node.prefix)) ||
      this.#general.some(({ shape }) => meets(shape.pattern.prefix))
    )
  }

  #longestPrefix(key: string): PrefixNode<Item> | undefined {
    let low = 0
    let high = this.#prefixes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#prefixes[middle].prefix <= key) low = middle + 1
      else high = middle
    }
    let node = low === 0 ? undefined : this.#prefixes[low - 1]
    while (node !== undefined && !key.startsWith(node.prefix)) node = node.shorter
    return node
  }
}

function putIfAbsent<Item>(map: Map<string, Item>, text: string, item: Item): void {
  if (!map.has(text)) map.set(text, item)
}

function linkPrefixes<Item>(prefixes: Map<string, Indexed<Item>>): PrefixNode<Item>[] {
  const nodes: PrefixNode<Item>[] = []
  // Why no comparer: the plain order is that of code units, as `<=` has it.
  for (const prefix of [...prefixes.keys()].sort()) {
    const { shape, item } = prefixes.get(prefix) as Indexed<Item>
    let shorter = nodes.at(-1)
    while (shorter !== undefined && !prefix.startsWith(shorter.prefix)) shorter = shorter.shorter
    nodes.push({ shape, item, prefix, shorter })
  }
  return nodes
}
