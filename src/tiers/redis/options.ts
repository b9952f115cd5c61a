/** The options of redisTier: checked once, with their defaults. */
import type { RedisClientOptions, RedisClusterOptions, RedisSentinelOptions } from 'redis'
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames } from '../../cache/option-checks.js'
import { type Duration, parseDurationMs } from '../../cache/units.js'

export interface RedisTierOptions {
  /** `redis://`, `rediss://` (TLS) or `unix://`. Default: localhost, port 6379. */
  url?: string
  /** Options of the client's own `createClient`, for what `url` cannot say. */
  connect?: RedisClientOptions
  /** Options of the client's own `createCluster`: a Redis Cluster, in place of `url` and `connect`. */
  cluster?: RedisClusterOptions
  /** Options of the client's own `createSentinel`, in place of `url` and `connect`. */
  sentinel?: RedisSentinelOptions
  /** What all of the tier's keys begin with. Default: `'hotset:<name of the cache>:'`. */
  prefix?: string
  /** What the tier is called. Default: `'redis'`. */
  name?: string
  /** How long entries live in this tier where nothing else says so. */
  ttl?: Duration
  /** Nothing is kept longer, whatever its own lifetime. Default: `'30d'`. */
  maxTtl?: Duration
  /**
   * How this process hears of others' writes. `'tracking'` (default): Redis itself tells of every key that
   * changes, whoever changes it. `'pubsub'`: those who write tell the others; for servers and proxies without
   * client tracking. false: not at all; the memory tier then knows of them when its own copies are over.
   */
  news?: 'tracking' | 'pubsub' | false
  /** How often a server is asked for a sign of life; it has as long to answer. Default: `'1s'`. */
  pingInterval?: Duration
  /** How long a deletion is remembered, so that no load that began before it is stored. Default: `'1m'`. */
  tombstoneTtl?: Duration
}

export interface RedisSettings {
  readonly name: string
  readonly prefix: string | undefined
  readonly news: 'tracking' | 'pubsub' | false
  readonly defaultTtlMs: number | undefined
  readonly maxTtlMs: number
  readonly pingIntervalMs: number
  readonly tombstoneTtlMs: number
  readonly connect: RedisClientOptions
  readonly cluster: RedisClusterOptions | undefined
  readonly sentinel: RedisSentinelOptions | undefined
}

const NAMES: readonly (keyof RedisTierOptions)[] = [
  ...(['url', 'connect', 'cluster', 'sentinel', 'prefix', 'name', 'ttl', 'maxTtl'] as const),
  ...(['news', 'pingInterval', 'tombstoneTtl'] as const),
]
const NEWS = ['tracking', 'pubsub', false]
const URL_SCHEME = /^(rediss?|unix):/

/** @throws InvalidOptionError */
export function checkRedisOptions(options: RedisTierOptions): RedisSettings {
  checkNames('options', options, NAMES)
  const { name = 'redis', prefix, news = 'tracking', url, ttl } = options
  checkServers(options)
  if (typeof name !== 'string' || name === '') {
    throw new InvalidOptionError('name', name, 'text')
  }
  if (!NEWS.includes(news)) {
    throw new InvalidOptionError('news', news, "'tracking', 'pubsub', false")
  }
  if (prefix !== undefined) checkPrefix(prefix)
  return {
    name,
    prefix,
    news,
    defaultTtlMs: ttl === undefined ? undefined : parseDurationMs(ttl, 'ttl'),
    maxTtlMs: parseDurationMs(options.maxTtl ?? '30d', 'maxTtl'),
    pingIntervalMs: parseDurationMs(options.pingInterval ?? '1s', 'pingInterval'),
    tombstoneTtlMs: parseDurationMs(options.tombstoneTtl ?? '1m', 'tombstoneTtl'),
    connect: { ...options.connect, ...(url !== undefined && { url }) },
    cluster: options.cluster,
    sentinel: options.sentinel,
  }
}

function checkServers({ url, connect, cluster, sentinel }: RedisTierOptions): void {
  if (url !== undefined && !(typeof url === 'string' && URL_SCHEME.test(url))) {
    throw new InvalidOptionError('url', url, "a string such as 'redis://localhost:6379'")
  }
  const named = { connect, cluster, sentinel }
  for (const [option, value] of Object.entries(named)) {
    if (value !== undefined && (typeof value !== 'object' || value === null)) {
      throw new InvalidOptionError(option, value, "an object with the redis client's own options")
    }
  }
  if (cluster !== undefined && (url !== undefined || connect !== undefined)) {
    throw new InvalidOptionError('cluster', cluster, "none beside 'url' and 'connect'")
  }
  if (
    sentinel !== undefined &&
    (url !== undefined || connect !== undefined || cluster !== undefined)
  ) {
    throw new InvalidOptionError('sentinel', sentinel, "none beside 'url', 'connect' and 'cluster'")
  }
}

/** Why: an entry and its lease share a hash tag only where the prefix has a whole one, or none. */
export function checkPrefix(prefix: unknown): asserts prefix is string {
  const braces = typeof prefix === 'string' ? prefix.replace(/[^{}]/g, '') : '{'
  if (prefix === '' || (braces !== '' && braces !== '{}') || String(prefix).includes('{}')) {
    throw new InvalidOptionError('prefix', prefix, "text, with no braces or one '{tag}'")
  }
}
