/**
 * Where news of others' writes comes in, by client tracking or over a channel, and is passed on.
 *
 * 1. What this process did itself is not told. Redis leaves out a client's own commands, but not what its
 *    scripts did: for those the stamp that was written is compared with the one that is there.
 * 2. The keys of one chunk of the connection are told together, in a microtask.
 */
import { randomUUID } from 'node:crypto'
import type { RedisGraph } from '../rules/redis-graph.js'
import type { TierNews } from '../tier.js'
import type { Invalidations } from './invalidations.js'
import type { KeyNames } from './key-names.js'
import type { Sender } from './link.js'

/** Own writes by scripts whose echo may still come. */
const MAX_OWN_WRITES = 10_000

interface Message {
  readonly from: string
  readonly keys?: readonly string[]
  /** Keys have dependencies from now on. */
  readonly graph?: true
}

export class NewsDesk {
  readonly #names: KeyNames
  readonly #sender: Sender
  readonly #invalidations: Invalidations
  readonly #tell: (news: TierNews) => void
  readonly #leaseChanged: (name: string) => void
  readonly #graph: Pick<RedisGraph, 'isUsedKey' | 'markUsed'>
  readonly #id = randomUUID()
  readonly #ownWrites = new Map<string, Buffer>()
  #keys: string[] = []

  constructor(
    names: KeyNames,
    sender: Sender,
    invalidations: Invalidations,
    tell: (news: TierNews) => void,
    leaseChanged: (name: string) => void,
    graph: Pick<RedisGraph, 'isUsedKey' | 'markUsed'>,
  ) {
    this.#names = names
    this.#sender = sender
    this.#invalidations = invalidations
    this.#tell = tell
    this.#leaseChanged = leaseChanged
    this.#graph = graph
  }

  /** Before a script writes this stamp; only where keys are tracked. */
  expectOwn(name: string, stamp: Buffer): void {
    this.#ownWrites.delete(name)
    this.#ownWrites.set(name, stamp)
    if (this.#ownWrites.size > MAX_OWN_WRITES) {
      this.#ownWrites.delete(this.#ownWrites.keys().next().value as string)
    }
  }

  /** Before a walk deletes it: its echo is told at once, not after a look, when a load of the key may have begun. */
  disown(name: string): void {
    this.#ownWrites.delete(name)
  }

  /** @param name of a key that changed in Redis; null: all are gone */
  changed(name: string | null): void {
    if (name === null) {
      this.#tell({ kind: 'all' })
      this.#invalidationsChanged()
    } else if (name === this.#names.invalidations) this.#invalidationsChanged()
    else if (this.#names.isLease(name)) this.#leaseChanged(name)
    else if (this.#graph.isUsedKey(name)) this.#graph.markUsed()
    else this.#entryChanged(name)
  }

  message(keys: readonly string[]): string {
    return JSON.stringify({ from: this.#id, keys } satisfies Message)
  }

  invalidationMessage(): string {
    return JSON.stringify({ from: this.#id } satisfies Message)
  }

  graphMessage(): string {
    return JSON.stringify({ from: this.#id, graph: true } satisfies Message)
  }

  heard(text: string): void {
    const message = parse(text)
    if (message === undefined || message.from === this.#id) return
    if (message.graph) this.#graph.markUsed()
    else if (message.keys === undefined) this.#invalidationsChanged()
    else for (const key of message.keys) this.#tellOf(key)
  }

  #invalidationsChanged(): void {
    this.#invalidations.markOutdated()
    // Why nothing where it fails: the next read tries again, and the connection is watched.
    this.#invalidations.settle().catch(() => {})
  }

  #entryChanged(name: string): void {
    const key = this.#names.keyOf(name)
    if (key === undefined) return
    const own = this.#ownWrites.get(name)
    if (own === undefined) this.#tellOf(key)
    else this.#tellUnlessOwn(name, key, own)
  }

  async #tellUnlessOwn(name: string, key: string, own: Buffer): Promise<void> {
    try {
      const stamp = await this.#sender.send(name, ['GETRANGE', name, '2', '9'])
      if (Buffer.isBuffer(stamp) && own.equals(stamp)) return
    } catch {
      // Whose it was is not known, so it is told.
    }
    if (this.#ownWrites.get(name) === own) this.#ownWrites.delete(name)
    this.#tellOf(key)
  }

  #tellOf(key: string): void {
    if (this.#keys.push(key) > 1) return
    queueMicrotask(() => {
      const keys = this.#keys
      this.#keys = []
      this.#tell({ kind: 'keys', keys })
    })
  }
}

function parse(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message
  } catch {
    return undefined
  }
}

/** The library's hook for client tracking, which is meant to keep replies: this one only listens. */
export function createTrackingHook(
  library: typeof import('redis'),
  prefix: string,
  changed: (name: string | null) => void,
): object {
  return new (class extends library.BasicPooledClientSideCache {
    override trackingOn() {
      return ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix, 'NOLOOP']
    }
    override invalidate(name: Buffer | string | null) {
      changed(name === null ? null : String(name))
    }
  })()
}
