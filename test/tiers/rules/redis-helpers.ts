/** A Redis server and a client of it, for the tests of one file; both end with them. */
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import type { RedisSender } from '../../../src/tiers/rules/redis-graph.js'

const { startRedisServer } = (await import(
  new URL('../../support/redis-server.mjs', import.meta.url).href
)) as { startRedisServer(): Promise<{ port: number; stop(): Promise<void> }> }

export interface TestRedis extends RedisSender {
  /** The first words of the commands that were sent, in order. */
  readonly sent: string[]
  /** Set: each command fails with it. */
  failure: Error | undefined
  command(...args: string[]): Promise<unknown>
}

export function useRedis(): TestRedis {
  let stop: () => Promise<void>
  let client: ReturnType<typeof createClient>
  const redis: TestRedis = {
    sent: [],
    failure: undefined,
    async sendCommand(_key, args) {
      if (redis.failure !== undefined) throw redis.failure
      redis.sent.push(args[0])
      return client.sendCommand(args)
    },
    command: (...args) => client.sendCommand(args),
  }
  beforeAll(async () => {
    const server = await startRedisServer()
    stop = server.stop
    client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
    client.on('error', () => {})
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await stop()
  })
  return redis
}
