/**
 * Replays in several threads, real ones: that nothing is lost or counted twice, that one hotset is
 * one cache for all of them, and that a thread that ends ends the pass.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AccessBlock, BLOCK_ACCESSES, NO_TTL, READ } from '../../src/replay/access.js'
import { type Budget, splitBudget } from '../../src/replay/budget.js'
import type * as Pass from '../../src/replay/pass.js'
import { runOptions } from '../../src/replay/pass-parts.js'
import type { RunResult } from '../../src/replay/run-counts.js'
import { replay } from '../../src/replay/runner.js'
import type { Implementation, PassResult, ReplaySpec } from '../../src/replay/spec.js'
import { LruCacheTarget } from '../../src/replay/targets/lru-cache.js'
import { Dealer } from '../../src/replay/threads/dealer.js'
import type { ThreadRequest } from '../../src/replay/threads/messages.js'
import { StartGate } from '../../src/replay/threads/start-gate.js'
import type * as Teams from '../../src/replay/threads/team.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { bundleCommand } from '../support/bundled-command.js'
import { Random } from '../support/random.js'

const MIB = 1024 * 1024
const THREADS = 4
const FAILING_THREAD = new URL('./workers/failing-thread.mjs', import.meta.url)

let folder = ''
let runPass: typeof Pass.runPass
let Team: typeof Teams.Team

beforeAll(async () => {
  folder = await bundleCommand()
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href)
  runPass = (await load('pass.js')).runPass
  Team = (await load('team.js')).Team
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const SPEC: ReplaySpec = {
  files: [],
  seed: 1,
  budget: { unit: 'bytes', bytes: 8 * MIB },
  policy: 'adaptive',
  ttlMs: 0,
  valueBytes: 100,
  near: true,
  threads: THREADS,
  limit: 300_000,
}

function expectSound(result: PassResult, accesses: number): void {
  expect(result).toMatchObject({ accesses, wrongValues: 0, refused: 0 })
  expect(result.reads + result.writes + result.deletes).toBe(accesses)
  expect(result.loads).toBe(result.reads - result.hits)
  expect(result.loadsPerThousandAccesses).toBeCloseTo((1000 * result.loads) / accesses)
  expect(result.operationsPerSecond).toBeCloseTo((1000 * accesses) / result.timedMs)
  expect(result.latency.worstNs).toBeGreaterThan(0)
}

/** Skewed keys with writes and deletes among them, without times: `key size op`. */
async function traceFile(accesses: number): Promise<ReplaySpec['files']> {
  const random = new Random(11)
  const lines = Array.from({ length: accesses }, () => {
    const key = Math.floor(2000 * random.next() ** 3)
    const operation = ['set', 'delete'][random.below(20)] ?? 'get'
    return `key:${key} ${operation}`
  })
  const path = join(folder, 'operations.txt')
  writeFileSync(path, lines.join('\n'))
  return describeFiles([path], 'columns', {
    columns: { key: 1, op: 2 },
    delimiter: ' ',
    timeUnitMs: undefined,
  })
}

/** What each thread's lru-cache does with what it is dealt, one thread after the other. */
async function replaySharesAlone(spec: ReplaySpec): Promise<RunResult[]> {
  const shares = Array.from({ length: spec.threads }, () => [] as [string, number, number][])
  for await (const round of new Dealer(spec.threads, spec.seed).rounds(
    new FileTrace(spec.files),
    Number.POSITIVE_INFINITY,
  )) {
    for (const [thread, { length, keys, operations, sizeBytes }] of round.shares.entries()) {
      for (let index = 0; index < length; index++) {
        shares[thread].push([keys[index], sizeBytes[index], operations[index]])
      }
    }
  }
  const budgets = splitBudget(spec.budget, spec.threads)
  return Promise.all(
    shares.map((accesses, thread) => {
      const source = {
        hasTime: false,
        progress: () => 1,
        *blocks() {
          for (let start = 0; start < accesses.length; start += BLOCK_ACCESSES) {
            const block = new AccessBlock()
            const part = accesses.slice(start, start + BLOCK_ACCESSES)
            for (const [key, size, operation] of part) block.push(key, size, 1, NO_TTL, operation)
            yield block
          }
        },
      }
      const target = new LruCacheTarget({ budget: budgets[thread] })
      return replay(target, source, runOptions(spec, undefined))
    }),
  )
}

describe('the built-in workload', () => {
  it('hits one hotset as often as in one thread, and separate caches less often', async () => {
    const results = new Map<string, PassResult>()
    for (const implementation of ['hotset', 'lru-cache'] satisfies Implementation[]) {
      for (const threads of [1, THREADS]) {
        const result = await runPass(implementation, { ...SPEC, threads })
        expectSound(result, 300_000)
        results.set(`${implementation} ${threads}`, result)
      }
    }
    const ratioOf = (name: string) => results.get(name)?.hitRatio ?? Number.NaN
    expect(Math.abs(ratioOf('hotset 4') - ratioOf('hotset 1'))).toBeLessThan(0.01)
    expect(ratioOf('lru-cache 4')).toBeLessThan(ratioOf('lru-cache 1') - 0.05)
    expect(ratioOf('hotset 4')).toBeGreaterThan(ratioOf('lru-cache 4') + 0.1)
  })

  it('gives each side the same memory in all', async () => {
    const hotset = await runPass('hotset', { ...SPEC, near: false })
    const lruCaches = await runPass('lru-cache', SPEC)
    expect(hotset.memory.countedBytes).toBeLessThanOrEqual(8 * MIB)
    expect(hotset.memory.offHeapBytes).toBe(hotset.memory.countedBytes)
    expect(lruCaches.memory.offHeapBytes).toBe(0)
    expect(lruCaches.memory.countedBytes).toBeLessThanOrEqual(8 * MIB)
    expect(lruCaches.memory.countedBytes).toBeGreaterThan(7 * MIB)
    // Why so far below: each heap is measured to some 100 KiB, and there are four.
    expect(lruCaches.memory.heapBytes).toBeGreaterThan(4 * MIB)
  })

  it('is replayed by more threads than there are cores', async () => {
    const result = await runPass('hotset', { ...SPEC, threads: 6, limit: 50_001 })
    expectSound(result, 50_001)
  })
})

describe('a trace file', () => {
  it('hits each lru-cache as if its thread were alone with its share', async () => {
    const spec: ReplaySpec = {
      ...SPEC,
      files: await traceFile(40_003),
      budget: { unit: 'entries', entries: 403 },
      threads: 3,
      limit: undefined,
    }
    const alone = await replaySharesAlone(spec)
    const result = await runPass('lru-cache', spec)
    expectSound(result, 40_003)
    expect(result.entries).toBe(403)
    expect(result.deletes).toBeGreaterThan(1000)
    for (const name of ['hits', 'reads', 'writes', 'deletes'] as const) {
      expect(result[name]).toBe(alone.reduce((sum, run) => sum + run[name], 0))
    }
  })

  it('is seen by one hotset as one: what a thread stores, the others hit', async () => {
    const path = join(folder, 'once.keys')
    const keys = Array.from({ length: 500 }, (_, index) => `key:${index}`)
    writeFileSync(
      path,
      Array.from({ length: 40 }, () => keys)
        .flat()
        .join('\n'),
    )
    const spec = { ...SPEC, files: await describeFiles([path], 'keys', {}), limit: undefined }
    const hotset = await runPass('hotset', spec)
    expectSound(hotset, 20_000)
    // Each key is loaded once; or again where two threads miss it at once, in the first turn.
    expect(hotset.loads).toBeGreaterThanOrEqual(500)
    expect(hotset.loads).toBeLessThan(1000)
    expect((await runPass('lru-cache', spec)).loads).toBeGreaterThan(THREADS * 490)
  })
})

describe('budgets', () => {
  it.each([
    [10, 4, [3, 3, 2, 2]],
    [4, 4, [1, 1, 1, 1]],
    [7, 1, [7]],
  ])('of %d are split among %d threads, and nothing is lost', (whole, parts, expected) => {
    const entries = splitBudget({ unit: 'entries', entries: whole }, parts)
    expect(entries).toEqual(expected.map((count): Budget => ({ unit: 'entries', entries: count })))
    const bytes = splitBudget({ unit: 'bytes', bytes: whole }, parts)
    expect(bytes).toEqual(expected.map((count): Budget => ({ unit: 'bytes', bytes: count })))
  })

  it('too small for an object leave it out, and it is counted', async () => {
    const path = join(folder, 'large.txt')
    const lines = Array.from({ length: 640 }, (_, index) => `key:${index % 3} 90000`)
    writeFileSync(path, lines.join('\n'))
    const files = await describeFiles([path], 'columns', { columns: { key: 1, size: 2 } })
    const budget: Budget = { unit: 'bytes', bytes: MIB }
    const result = await runPass('lru-cache', { ...SPEC, files, budget, threads: 12 })
    expect(result).toMatchObject({ accesses: 640, hits: 0, loads: 640, refused: 640, entries: 0 })
  })
})

describe('a thread that ends', () => {
  const share = new AccessBlock(BLOCK_ACCESSES)
  share.push('key', 1, 1, NO_TTL, READ)

  /** The second of two threads fails. */
  function requests(gate: StartGate, failAt: string, how: string): ThreadRequest[] {
    return ['', failAt].map((at) => ({
      implementation: 'lru-cache',
      spec: { ...SPEC, threads: 2, failAt: at, how } as ReplaySpec,
      ownBudget: SPEC.budget,
      gate: gate.memory,
      shareAccesses: BLOCK_ACCESSES,
    }))
  }

  async function lead(failAt: string, how: string): Promise<void> {
    const gate = new StartGate()
    const team = await Team.start(gate, requests(gate, failAt, how), FAILING_THREAD)
    try {
      await team.playRound([share, share])
      await team.finish()
    } finally {
      await team.end()
    }
  }

  it.each(['attach', 'round', 'finish'])('at %s fails the pass, by name', async (failAt) => {
    await expect(lead(failAt, 'exit')).rejects.toThrow('thread 2 of 2: it ended with code 3')
    await expect(lead(failAt, 'throw')).rejects.toThrow('thread 2 of 2: thrown')
    await expect(lead(failAt, 'report')).rejects.toMatchObject({
      name: 'InvalidOptionError',
      message: 'thread 2 of 2: reported',
    })
  })

  it('only at the end lets the pass succeed', async () => {
    await expect(lead('never', 'exit')).resolves.toBeUndefined()
  })
})
