/** The proxy that makes the way to a real Redis server bad, and good again. */
import { createClient } from 'redis'
import { expect, it } from 'vitest'
import { startProxy } from './delay-proxy.js'
import { startRedis } from './redis-instance.js'
import { PATIENTLY } from './wait-until.js'

async function startBoth() {
  const redis = await startRedis()
  const proxy = await startProxy(redis.port)
  const client = createClient({ url: proxy.url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  await client.connect()
  return { redis, proxy, client }
}

it('changes nothing by itself, whatever the size of a command', async () => {
  const { redis, proxy, client } = await startBoth()
  const value = 'long'.repeat(100_000)
  const replies = await Promise.all([client.set('a', value), client.get('a'), client.get('b')])
  expect(replies).toEqual(['OK', value, null])
  expect(await redis.run('STRLEN', 'a')).toBe(value.length)
  expect(proxy.commandCount).toBe(3)
})

it('delivers replies late, and in their order also when the delay is taken away', async () => {
  const { redis, proxy, client } = await startBoth()
  const begin = performance.now()
  proxy.delayMs = 100
  expect(await client.get('a')).toBe(null)
  expect(performance.now() - begin).toBeGreaterThanOrEqual(99)
  const late = client.set('a', '1')
  await expect.poll(() => redis.run('EXISTS', 'a'), PATIENTLY).toBe(1)
  proxy.delayMs = 0
  expect(await Promise.all([late, client.get('a')])).toEqual(['OK', '1'])
})

it('stalls while it holds, for new connections too, and loses nothing', async () => {
  const { redis, proxy, client } = await startBoth()
  proxy.hold()
  const second = createClient({ url: proxy.url })
  second.on('error', () => {})
  const answers = Promise.all([client.set('a', '1'), second.connect().then(() => second.get('b'))])
  await expect.poll(() => proxy.connectionCount, PATIENTLY).toBe(2)
  for (let count = 0; count < 5; count++) expect(await redis.run('EXISTS', 'a')).toBe(0)
  proxy.release()
  expect(await answers).toEqual(['OK', null])
  second.destroy()
})

it('cuts the connections that are there, and takes new ones', async () => {
  const { proxy, client } = await startBoth()
  proxy.hold()
  const answer = client.get('a')
  await expect.poll(() => proxy.commandCount, PATIENTLY).toBe(1)
  proxy.cut()
  await expect(answer).rejects.toThrow('closed')
  proxy.release()
  const second = await createClient({ url: proxy.url }).connect()
  expect(await second.get('a')).toBe(null)
  second.destroy()
})

it('refuses new connections, and leaves those that are there', async () => {
  const { proxy, client } = await startBoth()
  proxy.refuse(true)
  const second = createClient({ url: proxy.url, socket: { reconnectStrategy: false } })
  second.on('error', () => {})
  await expect(second.connect()).rejects.toThrow()
  expect(await client.get('a')).toBe(null)
  proxy.refuse(false)
  await second.connect()
  expect(await second.get('a')).toBe(null)
  second.destroy()
})

it('answers each command with an error, of pipelines and transactions too, but no handshake', async () => {
  const { redis, proxy, client } = await startBoth()
  proxy.replyError = true
  const outcomes = await Promise.allSettled([client.set('a', '1'), client.get('a'), client.ping()])
  expect(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message),
  ).toEqual(new Array(3).fill('ERR injected'))
  await expect(client.multi().set('a', '1').exec()).rejects.toThrow()
  const second = await createClient({ url: proxy.url, RESP: 3 }).connect()
  await expect(second.get('a')).rejects.toThrow('ERR injected')
  second.destroy()
  proxy.replyError = false
  expect(await client.get('a')).toBe(null)
  expect(await redis.run('DBSIZE')).toBe(0)
})

it('passes on that the server has gone, and that it is back', async () => {
  const { redis, proxy, client } = await startBoth()
  const lost = new Promise((resolve) => client.once('error', resolve))
  await redis.kill()
  await lost
  await expect.poll(() => proxy.connectionCount, PATIENTLY).toBe(0)
  await redis.start()
  const second = await createClient({ url: proxy.url }).connect()
  expect(await second.ping()).toBe('PONG')
  second.destroy()
})
