/** Two processes and one Redis: one load in both, deletes during a load, and takes. */
import { beforeAll, expect, it } from 'vitest'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'

const SCRIPT = new URL('workers/loading-process.mjs', import.meta.url)
const LONG = '1h'

let redis: RedisInstance
beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

async function startPair(hardTimeouts = [LONG, LONG]): Promise<[TestProcess, TestProcess]> {
  const pair = hardTimeouts.map((hardTimeout) => startProcess(SCRIPT, [redis.url, hardTimeout]))
  for (const each of pair) expect(await each.next()).toBe('ready')
  return pair as [TestProcess, TestProcess]
}

it('a key is loaded by one process, and the other gets its value', async () => {
  const [first, second] = await startPair()
  first.send({ action: 'load', key: 'once', value: 1, isHeld: true })
  expect(await first.next()).toEqual({ loading: 'once' })
  second.send({ action: 'load', key: 'once', value: 2 })
  first.send({ action: 'finish' })
  expect(await first.next()).toEqual({ answer: 1 })
  expect(await second.next()).toEqual({ answer: 1 })
})

it('a process that is killed while it loads is replaced when its lease is over', async () => {
  const [first, second] = await startPair(['500ms', LONG])
  first.send({ action: 'load', key: 'orphan', value: 1, isHeld: true })
  expect(await first.next()).toEqual({ loading: 'orphan' })
  second.send({ action: 'load', key: 'orphan', value: 2 })
  await first.kill('SIGKILL')
  expect(await second.next()).toEqual({ loading: 'orphan' })
  expect(await second.next()).toEqual({ answer: 2 })
})

it('a process that is late overwrites nothing: its lease is over', async () => {
  const [first, second] = await startPair(['2s', LONG])
  first.send({ action: 'load', key: 'late', value: 1, isHeld: true })
  expect(await first.next()).toEqual({ loading: 'late' })
  first.pause()
  second.send({ action: 'load', key: 'late', value: 2 })
  expect(await second.next()).toEqual({ loading: 'late' })
  expect(await second.next()).toEqual({ answer: 2 })
  first.send({ action: 'finish' })
  first.resume()
  await first.next()
  for (const each of [first, second]) {
    each.send({ action: 'get', key: 'late' })
    expect(await each.next()).toEqual({ got: 2 })
  }
})

it('a delete in one process keeps what the other is loading out of every tier', async () => {
  const [first, second] = await startPair()
  first.send({ action: 'load', key: 'gone', value: 1, isHeld: true })
  expect(await first.next()).toEqual({ loading: 'gone' })
  second.send({ action: 'delete', key: 'gone' })
  expect(await second.next()).toMatchObject({ ok: true })
  first.send({ action: 'finish' })
  expect(await first.next()).toEqual({ answer: 1 })
  for (const each of [first, second]) {
    each.send({ action: 'get', key: 'gone' })
    expect(await each.next()).toEqual({ got: undefined })
  }
})

it('a key is taken once', async () => {
  const pair = await startPair()
  pair[0].send({ action: 'load', key: 'prize', value: 7 })
  expect(await pair[0].next()).toEqual({ loading: 'prize' })
  expect(await pair[0].next()).toEqual({ answer: 7 })
  pair[1].send({ action: 'get', key: 'prize' })
  expect(await pair[1].next()).toEqual({ got: 7 })
  for (const each of pair) each.send({ action: 'take', key: 'prize' })
  const taken = [await pair[0].next<{ taken: unknown }>(), await pair[1].next<{ taken: unknown }>()]
  expect(taken.map((answer) => answer.taken).filter((value) => value !== undefined)).toEqual([7])
})
