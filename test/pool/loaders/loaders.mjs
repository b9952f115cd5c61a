// Loaders that the tests of the pool run in its workers.
import { setTimeout as delay } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'

export const notAFunction = 5

export function double({ number }) {
  return number * 2
}

/** Who ran it, and with what. */
export function describeCall(args, { key, signal, cache, workerData }) {
  return {
    args,
    key,
    isAborted: signal.aborted,
    cache: cache.name,
    workerData,
    threadId,
    environment: process.env.POOL_TEST,
    argv: process.argv.slice(2),
  }
}

/** Each call counts, in a SharedArrayBuffer. */
export async function count({ counts, value = 'value', waitMs = 0, text }) {
  Atomics.add(counts, 0, 1)
  if (waitMs > 0) await delay(waitMs)
  return value === 'count' ? Atomics.load(counts, 0) : (text ?? value)
}

/** Bytes that only the right ones are: each is told by its index and the seed. */
export function makeBytes({ bytes, seed }) {
  const result = Buffer.allocUnsafe(bytes)
  for (let index = 0; index < bytes; index++) result[index] = (index * 31 + seed) & 255
  return result
}

let kept

/** The same Buffer again and again. */
export function keptBytes({ bytes, seed }) {
  kept ??= makeBytes({ bytes, seed })
  return kept
}

/** Tells that it has begun, waits for leave to go on, and tells how it ended. */
export async function wait({ gate, value = 'waited' }, { signal }) {
  Atomics.add(gate, BEGUN, 1)
  Atomics.notify(gate, BEGUN)
  signal.addEventListener('abort', () => Atomics.add(gate, ABORTED, 1))
  while (Atomics.load(gate, OPEN) === 0) await delay(2, undefined, { signal })
  Atomics.add(gate, ENDED, 1)
  return value
}

const OPEN = 0
const BEGUN = 1
const ABORTED = 2
const ENDED = 3

/** Never ends, and heeds nothing. */
export function spin({ gate }) {
  Atomics.add(gate, BEGUN, 1)
  for (;;) Atomics.load(gate, OPEN)
}

export class TeapotError extends TypeError {
  name = 'TeapotError'
}

export function fail({ kind }) {
  switch (kind) {
    case 'rich':
      throw Object.assign(new TeapotError('I am a teapot', { cause: new RangeError('too hot') }), {
        code: 418,
        details: { lid: new Date(7) },
        onPour: () => {},
      })
    case 'aggregate':
      throw new AggregateError([new Error('one'), 'two'], 'several')
    case 'string':
      throw 'just text'
    case 'function':
      throw () => {}
    case 'dom':
      throw new DOMException('no more', 'AbortError')
    case 'unreadable':
      throw new Proxy(new Error('x'), {
        get() {
          throw new Error('y')
        },
      })
    default:
      throw new Error(kind)
  }
}

export function makeFunction() {
  return () => {}
}

export function nothing() {
  return undefined
}

/** Deletes its key while it is loading, as somebody else might. */
export function deleteMeanwhile(value, { key, cache }) {
  cache.delete(key)
  return value
}

export async function crash({ kind }) {
  switch (kind) {
    case 'exit':
      return process.exit(3)
    case 'uncaught':
      setTimeout(() => {
        throw new Error('nobody catches this')
      })
      return delay(1e6)
    case 'memory': {
      const hoard = []
      for (;;) hoard.push(new Array(100_000).fill(hoard.length + 0.5))
    }
    default:
      throw new Error(`no way to crash by ${kind}`)
  }
}

/** Ends its thread after its task is over. */
export function crashLater() {
  setImmediate(() => {
    throw new Error('nobody asked')
  })
  return 'done'
}
