/**
 * A whole TieredCache of a test's own, with all that it tells of, and a watch for what nobody handles.
 *
 * Every file of this folder begins with `watchForUnhandled()`: no rejection and no exception of the process may
 * go unhandled in any of its tests.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished } from 'vitest'
import type { TierEventName } from '../../../src/tiers/events.js'
import {
  type GuardOptions,
  memoryTier,
  type Tier,
  TieredCache,
  type TieredCacheOptions,
} from '../../../src/tiers/index.js'
import { waitUntil } from '../support/wait-until.js'

/** Failures are noticed soon, and so is their end. */
export const QUICK_GUARD: GuardOptions = {
  timeout: '300ms',
  scanTimeout: '600ms',
  retry: { backoff: '5ms' },
  breaker: { failures: 3, halfOpenAfter: '100ms' },
}

const EVENT_NAMES = Object.keys({
  'tier-error': 1,
  'tier-down': 1,
  'tier-up': 1,
  'write-failed': 1,
  repaired: 1,
  corrupt: 1,
  'set-aside': 1,
  full: 1,
  'load-error': 1,
  'dead-letter': 1,
  'news-lost': 1,
  'news-back': 1,
} satisfies Record<TierEventName, 1>) as TierEventName[]

export interface Told {
  readonly name: TierEventName
  readonly tier?: string
  readonly operation?: string
  readonly key?: string
  readonly keys?: readonly string[] | number
  readonly error?: { readonly code?: string; readonly message?: string }
}

/** What a cache has told of, in order. */
export class Log {
  readonly told: Told[] = []

  constructor(cache: TieredCache<string>) {
    for (const name of EVENT_NAMES) {
      cache.events.on(name, (event: object) => this.told.push({ name, ...event }))
    }
  }

  of(name: TierEventName): Told[] {
    return this.told.filter((one) => one.name === name)
  }

  names(): TierEventName[] {
    return [...new Set(this.told.map(({ name }) => name))]
  }

  /** What a write of one of these operations that failed was about, each key once. */
  failedKeys(operation: string): string[] {
    const events = this.of('write-failed').filter((one) => one.operation === operation)
    return [...new Set(events.flatMap(({ keys }) => keys as string[]))].sort()
  }
}

export interface Opened {
  readonly cache: TieredCache<string>
  readonly log: Log
}

/** Memory and these tiers; closed when the test is over. It is open, but a server may be away. */
export async function openCache(
  lower: readonly Tier[],
  options: TieredCacheOptions<string> = {},
): Promise<Opened> {
  const guards = Object.fromEntries(lower.map(({ name }) => [name, QUICK_GUARD]))
  const cache = new TieredCache<string>({
    tiers: [memoryTier({ maxBytes: '4mb' }), ...lower],
    guards,
    ...options,
  })
  const log = new Log(cache)
  onTestFinished(() => cache.close())
  await cache.ready()
  return { cache, log }
}

/** Resolves when the tier is reached and nothing of it waits to be repaired. */
export async function untilWhole({ cache }: Opened, tier = 'redis'): Promise<void> {
  await waitUntil(`tier '${tier}' is whole`, () => {
    const { breaker, pendingRepairs, own } = cache.stats().tiers[tier]
    return breaker === 'closed' && pendingRepairs === 0 && own?.connected !== false
  })
}

/** Resolves when the cache knows that the tier cannot be reached. */
export async function untilDown({ cache }: Opened, tier = 'redis'): Promise<void> {
  await waitUntil(
    `tier '${tier}' is down`,
    () => cache.stats().tiers[tier].own?.connected === false,
  )
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-failures-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A loader that answers with this, and counts. */
export function loaderOf(value: string): { (): Promise<string>; calls: number } {
  const load = async (): Promise<string> => {
    load.calls++
    return value
  }
  load.calls = 0
  return load
}

/** A loader that answers when it is let. */
export function heldLoader(value: string): {
  load: () => Promise<string>
  begun: Promise<void>
  release: () => void
} {
  let release = (): void => {}
  let begin = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const load = async (): Promise<string> => {
    begin()
    await gate
    return value
  }
  return { load, begun, release }
}

export async function keysOf(cache: TieredCache<string>, prefix = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const key of cache.keys(prefix)) keys.push(key)
  return keys.sort()
}

/** Every call that there is, with these keys; each has to resolve, whatever the tiers do. */
export function everyCall(
  cache: TieredCache<string>,
  prefix: string,
): Record<string, Promise<unknown>> {
  const key = (name: string): string => `${prefix}${name}`
  const loaded = async (): Promise<string> => 'loaded'
  return {
    get: cache.get(key('get')),
    getMany: cache.getMany([key('get'), key('many')]),
    getOrSet: cache.getOrSet(key('load'), loaded),
    getOrSetLocked: cache.getOrSet(key('locked'), loaded, { lock: 'distributed' }),
    getOrSetDependent: cache.getOrSet(key('dependent'), loaded, { dependsOn: [key('load')] }),
    getEntry: cache.getEntry(key('entry')),
    keys: keysOf(cache, prefix),
    set: cache.set(key('set'), 'value'),
    setTagged: cache.set(key('tagged'), 'value', { tags: ['tag'] }),
    setDependent: cache.set(key('setDependent'), 'value', { dependsOn: [key('load')] }),
    setMany: cache.setMany([
      [key('m1'), 'value'],
      [key('m2'), 'value'],
    ]),
    delete: cache.delete(key('delete')),
    deleteMany: cache.deleteMany([key('d1'), key('d2')]),
    take: cache.take(key('take')),
    expire: cache.expire(key('expire')),
    invalidateTags: cache.invalidateTags('tag'),
    expireTags: cache.expireTags('other'),
    deleteByPrefix: cache.deleteByPrefix(`${prefix}p:`),
    deleteByPattern: cache.deleteByPattern(`${prefix}g*`),
    dependsOn: cache.dependsOn(key('dependent'), [key('load')]),
    emit: cache.emit('nothing'),
    clear: cache.clear(),
  }
}

/** Which of the calls rejected, and with what. */
export async function rejectionsOf(calls: Record<string, Promise<unknown>>): Promise<string[]> {
  const names = Object.keys(calls)
  const results = await Promise.allSettled(Object.values(calls))
  return results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${names[index]}: ${result.reason}`] : [],
  )
}

/** Nothing may go unhandled in this process while the tests of a file run. */
export function watchForUnhandled(): void {
  const unhandled: unknown[] = []
  const note = (error: unknown): void =>
    void unhandled.push(error instanceof Error ? error.stack : error)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  afterAll(async () => {
    // Why: a rejection is told of when the turn in which nobody handled it is over.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
    expect(unhandled).toEqual([])
  })
}
