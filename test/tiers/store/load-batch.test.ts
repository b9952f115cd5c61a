/** LoadBatch: keys that are asked for at once go to the store in one call. */
import { expect, it } from 'vitest'
import { LoadBatch } from '../../../src/tiers/store/load-batch.js'

function createBatch(loadMany = async (keys: readonly string[]) => keys.map((key) => `${key}!`)) {
  const calls: (string | readonly string[])[] = []
  const signals: AbortSignal[] = []
  const batch = new LoadBatch<string>(
    async (key, { signal }) => {
      calls.push(key)
      signals.push(signal)
      return `${key}!`
    },
    (keys, { signal }) => {
      calls.push(keys)
      signals.push(signal)
      return loadMany(keys)
    },
  )
  return { batch, calls, signals }
}

const { signal } = new AbortController()

it('sends keys of one turn of the event loop together, and answers each with its own', async () => {
  const { batch, calls } = createBatch()
  const values = await Promise.all(['a', 'b', 'c'].map((key) => batch.load(key, signal)))
  expect(values).toEqual(['a!', 'b!', 'c!'])
  expect(calls).toEqual([['a', 'b', 'c']])
})

it('sends a key alone by itself, with its own signal', async () => {
  const { batch, calls, signals } = createBatch()
  expect(await batch.load('a', signal)).toBe('a!')
  expect(await batch.load('b', signal)).toBe('b!')
  expect(calls).toEqual(['a', 'b'])
  expect(signals[0]).toBe(signal)
})

it('fails for all keys of a batch that failed, and for no others', async () => {
  const failure = new Error('no connection')
  const { batch } = createBatch(async () => {
    throw failure
  })
  const answers = await Promise.allSettled([batch.load('a', signal), batch.load('b', signal)])
  expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'rejected'])
  expect(await batch.load('c', signal)).toBe('c!')
})

it('aborts a batch when all of its keys have been given up', async () => {
  let finish = (_values: string[]): void => {}
  const { batch, signals } = createBatch(
    () =>
      new Promise((resolve) => {
        finish = resolve
      }),
  )
  const first = new AbortController()
  const second = new AbortController()
  const answers = [batch.load('a', first.signal), batch.load('b', second.signal)]
  await new Promise(setImmediate)
  first.abort()
  expect(signals[0].aborted).toBe(false)
  second.abort()
  expect(signals[0].aborted).toBe(true)
  finish(['1', '2'])
  expect(await Promise.all(answers)).toEqual(['1', '2'])
})
