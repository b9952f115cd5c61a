/** The first part of each published trace, where they lie beside the checkout. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { replay } from '../../src/replay/runner.js'
import { LruCacheTarget } from '../../src/replay/targets/lru-cache.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'

vi.setConfig({ testTimeout: 60_000 })

const FOLDER = fileURLToPath(new URL('../../../shared/traces/', import.meta.url))

/** Whole traces have known hit ratios for LRU at that many entries; of long ones, the first part. */
const TRACES = [
  { file: 'web12.u32be.gz', format: 'u32be', entries: 2048, accesses: 95_607, lru: 72.8 },
  { file: 'weblog-424.slt.gz', format: 'slt', entries: 2048, accesses: 116_215, lru: 45.5 },
  {
    file: 'cloudPhysicsIO.oracleGeneral.gz',
    format: 'oracleGeneral',
    entries: 2048,
    accesses: 113_872,
    lru: 17.3,
  },
  { file: 'multi2.lirs.gz', format: 'lirs', entries: 1500, accesses: 26_311, lru: 48.3 },
  { file: 'loop.lirs.gz', format: 'lirs', entries: 900, accesses: 505_500, lru: 0 },
  { file: 'OLTP.lis.gz', format: 'arc', entries: 1000, accesses: 914_145, lru: 32.8 },
  { file: 'adaptsize.csv.gz', format: 'columns', entries: 1000, accesses: 66_987 },
  { file: 'P3.lis.gz', format: 'arc', entries: 4096, accesses: 200_000 },
  { file: 'P6.lis.gz', format: 'arc', entries: 4096, accesses: 200_000 },
  { file: 'w106.u32be.gz', format: 'u32be', entries: 2048, accesses: 200_000 },
  { file: 'orm-busy.u32be.gz', format: 'u32be', entries: 512, accesses: 200_000 },
]

const present = TRACES.filter(({ file }) => existsSync(FOLDER + file))
const absent = TRACES.filter((trace) => !present.includes(trace))

describe('published traces', () => {
  it('are replayed where they lie beside the checkout, and a note names those that do not', () => {
    if (absent.length > 0) {
      console.warn(`Not in ${FOLDER}: ${absent.map(({ file }) => file).join(', ')}`)
    }
    expect(present.length + absent.length).toBe(TRACES.length)
  })

  for (const { file, format, entries, accesses, lru } of present) {
    it(`${file} is read without a broken line, and gives LRU its known hit ratio`, async () => {
      const files = await describeFiles([FOLDER + file], undefined, {})
      const trace = new FileTrace(files)
      const target = new LruCacheTarget({ budget: { unit: 'entries', entries } })
      const result = await replay(target, trace, {
        defaultTtlMs: 0,
        defaultValueBytes: 16,
        sizedValues: false,
        largestValueBytes: Number.POSITIVE_INFINITY,
        limit: lru === undefined ? accesses : Number.POSITIVE_INFINITY,
      })
      expect(files[0].format).toBe(format)
      expect(trace.problems.broken).toBe(0)
      expect(result).toMatchObject({ accesses, reads: accesses, wrongValues: 0 })
      if (lru !== undefined) expect(result.hitRatio * 100).toBeCloseTo(lru, 0)
    })
  }
})
