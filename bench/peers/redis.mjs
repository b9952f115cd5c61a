/**
 * Redis on loopback: a server of its own, nothing kept on disk, one connection. It is bounded in bytes,
 * and then evicts what was used least recently. Calls of one turn of the event loop go out together.
 */
import { createClient, RESP_TYPES } from 'redis'
import { startRedisServer } from '../../test/support/redis-server.mjs'
import { TOGETHER } from './calls.mjs'

/** @param {object} bounds `redis`: `maxBytes`, and `buffers`: values are Buffers, not strings */
export async function open({ redis: { maxBytes, buffers } = {}, ttlMs }) {
  const server = await startRedisServer({ maxBytes })
  const client = await connectTo(server.port, buffers)
  const options = ttlMs === undefined ? undefined : { expiration: { type: 'PX', value: ttlMs } }
  const cache = {
    get: async (key) => (await client.get(key)) ?? undefined,
    set: (key, value) => client.set(key, value, options),
    delete: (key) => client.del(key),
    getMany: async (keys) => (await client.mGet(keys)).map((value) => value ?? undefined),
    setMany: (entries) => client.mSet(entries),
    deleteMany: (keys) => client.del(keys),
  }
  return {
    cache,
    gets: TOGETHER,
    sets: TOGETHER,
    serverRssBytes: () => serverRssBytes(client),
    async close() {
      client.destroy()
      await server.stop()
    },
  }
}

/** A client with one connection; an error of it ends the process. */
export async function connectTo(port, buffers = false) {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: false },
    ...(buffers && { commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } }),
  })
  client.on('error', (error) => {
    throw error
  })
  await client.connect()
  return client
}

export async function serverRssBytes(client) {
  const [, bytes] = /used_memory_rss:(\d+)/.exec(await client.info('memory'))
  return Number(bytes)
}
