/** Several threads record their accesses, each into a file, which together are one trace. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { keysOf, parse, type Row, take } from '../replay/parse-helpers.js'
import { workerUrl } from './support/worker-threads.js'

const THREADS = 3
const ACCESSES = 5000
const KEYS = 400

interface Made {
  threadId: number
  made: string[]
}

/** Waits for the thread's end: what it has not closed is written then. */
function run(workerData: object): Promise<Made> {
  const worker = new Worker(workerUrl('trace-worker.mjs'), { workerData })
  return new Promise((resolve, reject) => {
    let made: Made | undefined
    worker.once('message', (message: Made) => {
      made = message
    })
    worker.once('error', reject)
    worker.once('exit', () => (made === undefined ? reject(new Error('no result')) : resolve(made)))
  })
}

async function record(trace: object): Promise<{ folder: string; runs: Made[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-trace-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'service.hst')
  const cache = new SharedCache({ maxBytes: '4mb', trace: { path, sample: 1, ...trace } })
  const common = { handle: cache.handle, accesses: ACCESSES, keys: KEYS }
  const runs = await Promise.all(
    Array.from({ length: THREADS }, (_, index) =>
      run({ ...common, seed: index + 1, closes: index > 0 }),
    ),
  )
  cache.close()
  return { folder, runs }
}

it('records of each thread what it did, in its order, whether it closed its cache or just ended', async () => {
  const { folder, runs } = await record({ keys: 'plain' })
  expect(readdirSync(folder)).toHaveLength(THREADS)
  for (const { threadId, made } of runs) {
    const parsed = parse('hst', readFileSync(join(folder, `service.${threadId}.hst`)))
    expect(parsed.broken).toEqual([])
    expect(keysOf(parsed)).toEqual(made)
  }
})

it('names a key alike in all threads, and merges their files by time', async () => {
  const { folder, runs } = await record({ keys: 'hashed' })
  const paths = runs.map(({ threadId }) => join(folder, `service.${threadId}.hst`))
  const trace = new FileTrace(await describeFiles(paths, undefined, {}))
  const rows: Row[] = []
  for await (const block of trace.blocks()) take(block, rows)
  expect(rows).toHaveLength(THREADS * ACCESSES)
  expect(new Set(rows.map(([key]) => key)).size).toBe(
    new Set(runs.flatMap(({ made }) => made)).size,
  )
  expect(rows.every(([, , time], at) => at === 0 || time >= rows[at - 1][2])).toBe(true)
})

it('records the same keys in all threads, and all accesses of each', async () => {
  const { folder, runs } = await record({ keys: 'plain', sample: 0.25 })
  const recorded = runs.map(({ threadId }) =>
    keysOf(parse('hst', readFileSync(join(folder, `service.${threadId}.hst`)))),
  )
  const chosen = new Set(recorded.flat())
  expect(Math.abs(chosen.size - KEYS / 4)).toBeLessThan(45)
  runs.forEach(({ made }, index) => {
    expect(recorded[index]).toEqual(made.filter((key) => chosen.has(key)))
  })
})
