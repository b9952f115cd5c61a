/**
 * Redis on loopback: a private server, and in each thread a client with one connection. Commands that are
 * given within one turn of the event loop go out together (the client pipelines them by itself).
 */
import assert from 'node:assert/strict'
import { startRedisServer } from '../../../test/support/redis-server.mjs'
import { connectTo, serverRssBytes } from '../../peers/redis.mjs'

const FILL_COMMANDS = 1000

export async function open({ maxBytes, isFull, workload }) {
  const server = await startRedisServer(isFull ? { maxBytes } : {})
  const client = await connectTo(server.port)
  let pending = []
  for (const [key, value] of workload.entries()) {
    if (pending.push(client.set(key, value)) < FILL_COMMANDS) continue
    await Promise.all(pending)
    pending = []
  }
  await Promise.all(pending)
  return {
    equip: () => ({ data: { port: server.port } }),
    serverRssBytes: () => serverRssBytes(client),
    async close() {
      client.destroy()
      await server.stop()
    },
  }
}

export async function connect({ port }, workload) {
  return new RedisClient(await connectTo(port), workload)
}

class RedisClient {
  isSynchronous = false
  #client
  #workload

  constructor(client, workload) {
    this.#client = client
    this.#workload = workload
  }

  async get(key) {
    return (await this.#client.get(key)) ?? undefined
  }

  set(key, value) {
    return this.#client.set(key, value)
  }

  async run(order, start, end) {
    const workload = this.#workload
    const pending = []
    for (let at = start; at < end; at++) {
      const index = order[at] >>> 1
      const key = workload.keys[index]
      const isSet = (order[at] & 1) === 1
      pending.push(isSet ? this.#client.set(key, workload.value(index)) : this.#client.get(key))
    }
    const answers = await Promise.all(pending)
    let misses = 0
    for (const [at, answer] of answers.entries()) {
      const word = order[start + at]
      if ((word & 1) === 1) assert.equal(answer, 'OK')
      else if (answer === null) misses++
      else workload.check(word >>> 1, answer)
    }
    return misses
  }
}
