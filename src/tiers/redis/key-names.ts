/**
 * How the tier's keys are called in Redis.
 *
 *     prefix{key}                 an entry
 *     prefix{~}"key as JSON"      an entry whose key begins with '}', is empty, or is no well-formed text
 *     prefixlease:{key}           who may load it; in the entry's slot of a cluster, as the braces hold its tag
 *     prefixfence:{key}           the last fencing token, likewise
 *     prefixinvalidations         the sorted set of invalidations
 *     prefixgraph:{..}..          the dependencies of keys (rules/redis-graph.ts), all in one slot
 *     prefixnews                  the channel of the pub/sub bus
 *
 * Both forms of an entry's name can be told apart by their last character, and `keyOf` undoes `entry`.
 */
const SPECIAL = '{~}'
const LONE_SURROGATE = /\p{Surrogate}/u
/** What SCAN's MATCH takes for more than itself. */
const GLOB_CHARACTERS = /[\\*?[\]^-]/g

export class KeyNames {
  readonly prefix: string
  readonly invalidations: string
  readonly channel: string
  readonly graph: string
  readonly #entries: string
  readonly #leases: string

  constructor(prefix: string) {
    this.prefix = prefix
    this.invalidations = `${prefix}invalidations`
    this.channel = `${prefix}news`
    this.graph = `${prefix}graph:`
    this.#entries = `${prefix}{`
    this.#leases = `${prefix}lease:{`
  }

  entry(key: string): string {
    return this.prefix + tagged(key)
  }

  lease(key: string): string {
    return `${this.prefix}lease:${tagged(key)}`
  }

  fence(key: string): string {
    return `${this.prefix}fence:${tagged(key)}`
  }

  isLease(name: string): boolean {
    return name.startsWith(this.#leases)
  }

  /** Undefined: not the name of an entry. */
  keyOf(name: string): string | undefined {
    if (!name.startsWith(this.#entries)) return undefined
    if (name.endsWith('}')) return name.slice(this.#entries.length, -1)
    try {
      return String(JSON.parse(name.slice(this.prefix.length + SPECIAL.length)))
    } catch {
      return undefined
    }
  }

  /** A pattern for SCAN that lets all entries through whose keys begin with it, and perhaps others. */
  match(keyPrefix: string): string {
    return isSpecial(keyPrefix)
      ? `${escapeGlob(this.#entries)}*`
      : `${escapeGlob(this.#entries + keyPrefix)}*`
  }

  /** For all that belongs to the tier. */
  matchAll(): string {
    return `${escapeGlob(this.prefix)}*`
  }
}

function tagged(key: string): string {
  return isSpecial(key) ? SPECIAL + JSON.stringify(key) : `{${key}}`
}

/** Why '}' first: an empty pair of braces is no hash tag, so a lease would be in another slot. */
function isSpecial(key: string): boolean {
  return key === '' || key[0] === '}' || LONE_SURROGATE.test(key)
}

function escapeGlob(text: string): string {
  return text.replace(GLOB_CHARACTERS, '\\$&')
}
