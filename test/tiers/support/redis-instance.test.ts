/** The real Redis servers of the tiers' tests: what they survive, and that nothing is left of them. */
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { startProcess } from './child-process.js'
import { stateOf } from './process-states.js'
import { type RedisInstance, startRedis } from './redis-instance.js'
import { findRestartablePort } from './restartable-port.js'
import { PATIENTLY } from './wait-until.js'

describe('a Redis instance', () => {
  it('sets and gets through its port and its url', async () => {
    const redis = await startRedis()
    await redis.run('SET', 'a', '1')
    const client = await createClient({ url: redis.url }).connect()
    expect(await client.get('a')).toBe('1')
    client.destroy()
  })

  it('makes a client wait while it is paused, and go on when it is resumed', async () => {
    const [paused, other] = await Promise.all([startRedis(), startRedis()])
    paused.pause()
    await expect.poll(() => stateOf(paused.pid), PATIENTLY).toMatch(/^T/)
    let isAnswered = false
    const answer = paused.run('PING').then((reply) => {
      isAnswered = true
      return reply
    })
    for (let count = 0; count < 5; count++) expect(await other.run('PING')).toBe('PONG')
    expect(isAnswered).toBe(false)
    paused.resume()
    expect(await answer).toBe('PONG')
  })

  it('is empty when it was killed and started again, on the same port', async () => {
    const redis = await startRedis()
    await redis.run('SET', 'a', '1')
    await redis.kill()
    expect(redis.isRunning).toBe(false)
    await expect(redis.run('GET', 'a')).rejects.toThrow('ECONNREFUSED')
    await redis.start()
    expect(redis.isRunning).toBe(true)
    expect(await redis.run('GET', 'a')).toBe(null)
  })

  it('keeps its data over a kill and over a restart, if it is append-only', async () => {
    const redis = await startRedis({ appendOnly: true })
    await redis.run('SET', 'a', '1')
    await redis.kill()
    await redis.start()
    expect(await redis.run('GET', 'a')).toBe('1')
    await redis.run('SET', 'b', '2')
    await redis.restart()
    expect(await redis.run('GET', 'b')).toBe('2')
  })

  it('stops and is killed also while it is paused', async () => {
    const redis = await startRedis()
    redis.pause()
    await redis.stop()
    await redis.start()
    redis.pause()
    await redis.kill()
    expect(redis.isRunning).toBe(false)
  })

  it('refuses writes beyond its bound, if its policy evicts nothing', async () => {
    const redis = await startRedis({ maxBytes: 1, policy: 'noeviction' })
    await expect(redis.run('SET', 'a', '1')).rejects.toThrow('OOM')
    expect(await redis.run('GET', 'a')).toBe(null)
  })

  it('says why it does not start', async () => {
    const first = await startRedis()
    await expect(startRedis({ port: first.port })).rejects.toThrow('does not start')
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow('does not start')
  })
})

describe('what is left of a Redis instance', () => {
  async function killedAndClosed(): Promise<RedisInstance> {
    const redis = await startRedis()
    await redis.kill()
    await redis.start()
    expect(existsSync(redis.dataFolder)).toBe(true)
    await redis.close()
    return redis
  }

  it('is nothing when it is closed', async () => {
    const { pid, dataFolder } = await killedAndClosed()
    expect(existsSync(dataFolder)).toBe(false)
    expect(stateOf(pid)).toBe('')
  })

  let ofAnotherTest: RedisInstance
  it('is all of it while the test runs that started it', async () => {
    ofAnotherTest = await startRedis()
    expect(existsSync(ofAnotherTest.dataFolder)).toBe(true)
  })

  it('is nothing when that test is over', () => {
    expect(existsSync(ofAnotherTest.dataFolder)).toBe(false)
    expect(stateOf(ofAnotherTest.pid)).toBe('')
  })

  it('is nothing when the process that started it is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotset-redis-'))
    const script = new URL('workers/redis-starter.mjs', import.meta.url)
    const starter = startProcess(script, [folder, `${await findRestartablePort()}`])
    const pid = await starter.next<number>()
    expect(existsSync(join(folder, 'appendonlydir'))).toBe(true)
    expect(stateOf(pid)).not.toBe('')
    await starter.kill()
    await expect.poll(() => stateOf(pid), PATIENTLY).toBe('')
    await expect.poll(() => existsSync(folder), PATIENTLY).toBe(false)
  })
})
