/** Who holds a slot, and who may have it next: nobody living loses one, and no dead one keeps it. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  MAX_THREADS,
  REGISTRY_HOLDER,
  REGISTRY_PTR,
  REGISTRY_SLOT_BYTES,
  REGISTRY_STARTED_AT,
} from '../../assembly/constants.js'
import { Registry } from '../../src/engine/registry.js'
import { ownThread, type ThreadIdentity } from '../../src/engine/thread-identity.js'
import { createControl, workerUrl } from '../threads/support/worker-threads.js'

const FAILED = 0x2000_0000
const RECOVERING = 0x4000_0000
/** Of a thread that there is not. */
const NOBODY = 0x1fff_fff0
const BYTES = REGISTRY_PTR + MAX_THREADS * REGISTRY_SLOT_BYTES

let words: Int32Array
let floats: Float64Array
let registry: Registry

beforeEach(() => {
  const memory = new SharedArrayBuffer(BYTES)
  words = new Int32Array(memory)
  floats = new Float64Array(memory)
  registry = new Registry(words, floats)
})

const holderIndex = (slot: number): number => {
  return (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES + REGISTRY_HOLDER) >>> 2
}

const startIndex = (slot: number): number => {
  return (REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES + REGISTRY_STARTED_AT) >>> 3
}

function occupy(slot: number, holder: number, startedAt = 0): void {
  words[holderIndex(slot)] = holder
  floats[startIndex(slot)] = startedAt
}

function claimAll(): void {
  for (let slot = 0; slot < MAX_THREADS; slot++) expect(registry.claim()).toBe(slot)
}

/** A thread that runs until it is ended. */
async function startThread(): Promise<{ thread: ThreadIdentity; end: () => Promise<unknown> }> {
  const workerData = { control: createControl(), endIndex: 0 }
  const worker = new Worker(workerUrl('brief-worker.mjs'), { workerData })
  const [thread] = await once(worker, 'message')
  return { thread, end: () => worker.terminate() }
}

describe('claiming', () => {
  it('gives 128 slots, each once, and no more until one is released', () => {
    claimAll()
    expect(registry.count).toBe(MAX_THREADS)
    expect(registry.claim()).toBeUndefined()
    registry.release(77)
    expect(registry.count).toBe(MAX_THREADS - 1)
    expect(registry.claim()).toBe(77)
  })

  it('gives a slot to a living thread', () => {
    const slot = registry.claim() as number
    expect(registry.isDead(slot)).toBe(false)
    expect(words[holderIndex(slot)]).toBe(ownThread.id)
    expect(floats[startIndex(slot)]).toBe(ownThread.startedAt)
  })

  it('takes no slot from the dead', () => {
    claimAll()
    occupy(3, NOBODY)
    expect(registry.claim()).toBeUndefined()
  })
})

describe('adopting', () => {
  it('gives the slot of a dead thread, and no other', () => {
    claimAll()
    expect(registry.adopt()).toBeUndefined()
    occupy(3, NOBODY, 12)
    expect(registry.adopt()).toBe(3)
    expect(registry.isDead(3)).toBe(false)
    expect(floats[startIndex(3)]).toBe(ownThread.startedAt)
  })

  it('gives the slot of a thread whose engine failed', () => {
    claimAll()
    registry.declareFailed(9)
    expect(registry.adopt()).toBe(9)
    expect(words[holderIndex(9)]).toBe(ownThread.id)
  })

  it('leaves a slot alone that a living thread recovers', async () => {
    const { thread, end } = await startThread()
    claimAll()
    occupy(3, thread.id | RECOVERING)
    expect(registry.adopt()).toBeUndefined()
    await end()
    await expect.poll(() => registry.adopt(), { interval: 1 }).toBe(3)
  })

  it('takes no slot that is free', () => {
    expect(registry.adopt()).toBeUndefined()
  })
})

describe('a holder is dead', () => {
  it('where its thread has ended, and only then', async () => {
    const { thread, end } = await startThread()
    occupy(1, thread.id, thread.startedAt)
    expect(registry.isDead(1)).toBe(false)
    await end()
    await expect.poll(() => registry.isDead(1), { interval: 1 }).toBe(true)
  })

  it('where its id is that of another thread by now', () => {
    occupy(1, ownThread.id, ownThread.startedAt + 1)
    expect(registry.isDead(1)).toBe(true)
  })

  it('where its engine failed', () => {
    const slot = registry.claim() as number
    registry.declareFailed(slot)
    expect(registry.isDead(slot)).toBe(true)
  })

  it('where somebody has told that it ended, in all its slots', () => {
    const slots = [registry.claim(), registry.claim()] as number[]
    occupy(2, NOBODY)
    registry.declareEnded(ownThread.id)
    expect(slots.map((slot) => registry.isDead(slot))).toEqual([true, true])
    expect(words[holderIndex(2)]).toBe(NOBODY)
  })

  it('where somebody recovers it', () => {
    occupy(1, ownThread.id | RECOVERING)
    expect(registry.isDead(1)).toBe(true)
  })

  it('never because of a time that an earlier holder has left', () => {
    const slot = registry.claim() as number
    floats[startIndex(slot)] = 12
    registry.release(slot)
    // As between the two steps of the next claim.
    words[holderIndex(slot)] = ownThread.id
    expect(registry.isDead(slot)).toBe(false)
    occupy(slot, NOBODY, 12)
    registry.recoverDead(() => true)
    words[holderIndex(slot)] = ownThread.id
    expect(registry.isDead(slot)).toBe(false)
  })
})

describe('recovering', () => {
  const recovered = (): number[] => {
    const slots: number[] = []
    registry.recoverDead((slot) => slots.push(slot) > 0)
    return slots
  }

  it('is asked for the slots of the dead, which are free then, and for no others', async () => {
    const { thread, end } = await startThread()
    occupy(0, ownThread.id, ownThread.startedAt)
    occupy(1, NOBODY)
    occupy(2, thread.id, thread.startedAt)
    occupy(3, ownThread.id | FAILED)
    occupy(MAX_THREADS - 1, NOBODY, 12)
    expect(recovered()).toEqual([1, 3, MAX_THREADS - 1])
    expect(registry.count).toBe(2)
    expect(recovered()).toEqual([])
    await end()
  })

  it('names this thread while it goes on', () => {
    occupy(1, NOBODY)
    let during = 0
    registry.recoverDead((slot) => {
      during = words[holderIndex(slot)]
      return true
    })
    expect(during).toBe(ownThread.id | RECOVERING)
  })

  it('leaves the slot taken where it fails, for the next to try', () => {
    occupy(1, NOBODY)
    registry.recoverDead(() => false)
    expect([registry.count, registry.isDead(1)]).toEqual([1, true])
    expect(registry.claim()).toBe(0)
    expect(recovered()).toEqual([1])
  })

  it('leaves the slot taken where it throws, for the next to try', () => {
    occupy(1, NOBODY)
    const attempt = (): void => {
      registry.recoverDead(() => {
        throw new Error('no')
      })
    }
    expect(attempt).toThrow('no')
    expect([registry.count, registry.isDead(1)]).toEqual([1, true])
    expect(recovered()).toEqual([1])
    expect(registry.count).toBe(0)
  })

  it('is taken over from a thread that died as it recovered, not from one that lives', async () => {
    const { thread, end } = await startThread()
    occupy(1, NOBODY | RECOVERING)
    occupy(2, thread.id | RECOVERING)
    expect(recovered()).toEqual([1])
    await end()
    await expect.poll(recovered, { interval: 1 }).toEqual([2])
    expect(registry.count).toBe(0)
  })
})
