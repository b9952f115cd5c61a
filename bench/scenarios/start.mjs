/** Importing and creating: what a cache adds to the start of a process. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { summarise } from '../harness/statistics.mjs'
import { EMPTY_MODULE, IMPLEMENTATIONS } from '../parts/start/implementations.mjs'
import { HOTSET, LMDB, LRU_CACHE, LRU_MIN, MNEMONIST, TINY_LRU } from '../peers/names.mjs'

const PROBE = fileURLToPath(new URL('../parts/start/probe.mjs', import.meta.url))
const STEPS = ['importMs', 'createMs', 'readyMs', 'firstUseMs']
const GIB = 2 ** 30

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Start',
  about: `A fresh process imports the package by its name, creates a cache, and sets and gets one entry of
16 + 100 bytes; each step is timed in that process, and a figure is the median of the processes of a round,
the files being in the system's cache. "${EMPTY_MODULE}" shows what the import itself takes. The bound is in
bytes for hotset, and in entries for the others where they have one (100,000 and 5 million); keyv has none,
and lmdb opens an empty folder. "compiled before": with NODE_COMPILE_CACHE, whose folder an earlier process
has filled; Node has that from 22.1 on.`,
  baseline: LRU_CACHE,
  implementations: IMPLEMENTATIONS,
  rounds: 3,
  cases: [
    { name: '16 MB', bounds: { maxBytes: 2 ** 24, max: 100_000 }, processes: 11 },
    {
      name: '1 GB',
      only: [HOTSET, LRU_CACHE, TINY_LRU, LRU_MIN, MNEMONIST],
      bounds: { maxBytes: GIB, max: 5_000_000 },
      processes: 11,
    },
  ],
  smokeCases: [
    {
      name: '16 MB',
      only: [HOTSET, LRU_CACHE, MNEMONIST, LMDB, EMPTY_MODULE],
      bounds: { maxBytes: 2 ** 24, max: 100_000 },
      processes: 1,
    },
  ],
  metrics: [
    { key: 'importMs', title: 'import, ms', digits: 1, ratio: 'speed' },
    { key: 'createMs', title: 'create, ms', digits: 2, better: 'less' },
    { key: 'readyMs', title: 'both, ms', digits: 1, ratio: 'speed' },
    { key: 'firstUseMs', title: 'first set and get, ms', digits: 2, better: 'less' },
    { key: 'compiledImportMs', title: 'compiled before: import, ms', digits: 1, better: 'less' },
    { key: 'compiledReadyMs', title: 'compiled before: both, ms', digits: 1, better: 'less' },
  ],
  chart: { metric: 'readyMs', title: 'Import and create, ms (less is better)' },
  aims: ['16 MB', '1 GB'].map((name) => ({
    case: name,
    implementation: HOTSET,
    metric: 'readyMs',
    of: 'value',
    atMost: 15,
  })),

  run({ implementation, parameters }) {
    const { bounds, processes } = parameters
    const folder = mkdtempSync(join(tmpdir(), 'hotset-bench-start-'))
    try {
      const start = { implementation, bounds, processes, folder }
      const plain = medianStart(start, {})
      if (module.enableCompileCache === undefined) return plain
      const compiled = medianStart(start, { NODE_COMPILE_CACHE: join(folder, 'compiled') })
      return { ...plain, compiledImportMs: compiled.importMs, compiledReadyMs: compiled.readyMs }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function medianStart({ implementation, bounds, processes, folder }, environment) {
  const starts = []
  // Why one more, which is not counted: it fills the caches of files and of compiled code.
  for (let number = 0; number <= processes; number++) {
    const path = mkdtempSync(join(folder, 'data-'))
    const order = JSON.stringify({ implementation, bounds: { ...bounds, path } })
    // Why undefined: "plain" is to be without, whatever this process was started with.
    const env = { ...process.env, NODE_COMPILE_CACHE: undefined, ...environment }
    starts.push(
      JSON.parse(execFileSync(process.execPath, [PROBE, order], { env, encoding: 'utf8' })),
    )
  }
  const counted = starts.slice(1)
  return Object.fromEntries(
    STEPS.map((step) => [step, summarise(counted.map((start) => start[step])).median]),
  )
}
