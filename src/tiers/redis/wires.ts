/**
 * The three kinds of clients that the library has, each as a Wire: one server, a cluster, and a master that
 * sentinels watch.
 *
 * 1. Replies come as Buffers, so that any bytes can be kept.
 * 2. No client queues what it cannot send, or gives up reconnecting.
 * 3. Every client has a listener for 'error', without which an error would end the process.
 */
import { ClusterWire } from './cluster-wire.js'
import type { Wire, WireEvents } from './link.js'
import type { RedisSettings } from './options.js'
import { pauseMs } from './retry-pause.js'
import { SentinelWire } from './sentinel-wire.js'
import { ServerWire } from './server-wire.js'

type Library = typeof import('redis')

const COMMON = { RESP: 3, maintNotifications: 'disabled' } as const

/** @param cache the library's hook for the news of client tracking; undefined: none is wanted */
export function createWire(
  library: Library,
  settings: RedisSettings,
  cache: object | undefined,
  events: WireEvents,
): Wire {
  // Why no timeout: the library makes an AbortSignal for each command; the tier's own watch and guard see to it.
  const sendOptions = { typeMapping: { [library.RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 0 }
  const hook = cache === undefined ? {} : { clientSideCache: cache }
  const { connect, cluster, sentinel } = settings
  // Why `never`: the options are the library's own, but the hook is typed differently in each release.
  if (cluster !== undefined) {
    const defaults = hardened(cluster.defaults)
    const options = { ...COMMON, ...cluster, useReplicas: false, ...hook, defaults }
    const refresh = { topologyRefreshOnReconnectionAttemptStrategy: 1000 }
    const client = library.createCluster({ ...refresh, ...options } as never)
    return new ClusterWire(client as never, sendOptions, events)
  }
  if (sentinel !== undefined) {
    const nodeClientOptions = hardened(sentinel.nodeClientOptions)
    const one = { masterPoolSize: 1, replicaPoolSize: 0, passthroughClientErrorEvents: true }
    const options = { ...COMMON, ...sentinel, ...one, ...hook, nodeClientOptions }
    const client = library.createSentinel(options as never)
    return new SentinelWire(client as never, sendOptions, events)
  }
  // Why here and not with each command: the library would copy them each time, which takes it 2 microseconds.
  const options = { ...COMMON, ...hardened(connect), ...hook, commandOptions: sendOptions }
  const client = library.createClient(options as never)
  return new ServerWire(client as never, events)
}

/** A copy, as the library writes into its options. */
function hardened(options: { socket?: object } = {}): object {
  const socket = { connectTimeout: 2000, ...options.socket, reconnectStrategy: pauseMs }
  return { ...options, ...COMMON, disableOfflineQueue: true, socket }
}
