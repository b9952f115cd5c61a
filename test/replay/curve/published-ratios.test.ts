/** hotset's lru and the simulations in a curve, against hit ratios that others found on published traces. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readSample } from '../../../src/replay/curve/curve.js'
import { HashedBlock } from '../../../src/replay/curve/hashed-block.js'
import { runJob } from '../../../src/replay/curve/job.js'
import type { Sample } from '../../../src/replay/curve/sample.js'
import type { CurveSpec } from '../../../src/replay/curve/spec.js'
import { describeFiles, FileTrace } from '../../../src/replay/trace.js'

const FOLDER = fileURLToPath(new URL('../../../../shared/traces/', import.meta.url))

/** Per cent, of unit-size entries, cold start. */
const CELLS = [
  { file: 'web12.u32be.gz', entries: 2048, opt: 82.5, lru: 72.8, lfu: 68.7, arc: 74.7, s3: 75.6 },
  { file: 'weblog-424.slt.gz', entries: 2048, opt: 62, lru: 45.5, lfu: 44.4, arc: 51.6, s3: 53 },
  { file: 'multi2.lirs.gz', entries: 1500, opt: 69.8, lru: 48.3, lfu: 50.8, arc: 50.9, s3: 60.9 },
  {
    file: 'cloudPhysicsIO.oracleGeneral.gz',
    entries: 512,
    opt: 20.9,
    lru: 16.2,
    lfu: 15.3,
    arc: 17.3,
    s3: 17,
  },
]

const present = CELLS.filter(({ file }) => existsSync(FOLDER + file))

async function readWhole(file: string): Promise<Sample> {
  const spec: CurveSpec = {
    files: await describeFiles([FOLDER + file], undefined, {}),
    seed: 1,
    policies: [],
    sizes: [],
    ttlMs: 0,
    valueBytes: 100,
    maxSample: Number.POSITIVE_INFINITY,
    limit: undefined,
  }
  const block = new HashedBlock()
  return readSample(new FileTrace(spec.files, block), block, spec, {})
}

function percentOf(sample: Sample, policy: string, entries: number): number {
  const size = { label: '', size: entries, share: 1, capacity: entries }
  const data = { sample, unit: 'entries', costs: undefined, ttlMs: 0, valueBytes: 100 } as const
  return runJob({ index: 0, policy, size }, data).hitRatio * 100
}

describe('published hit ratios', () => {
  it('are those of a curve, where the traces lie beside the checkout; a note names those that do not', () => {
    const absent = CELLS.filter((cell) => !present.includes(cell))
    if (absent.length > 0) {
      console.warn(`Not in ${FOLDER}: ${absent.map(({ file }) => file).join(', ')}`)
    }
    expect(present.length + absent.length).toBe(CELLS.length)
  })

  for (const { file, entries, opt, lru, lfu, arc, s3 } of present) {
    it(`of ${file} with ${entries} entries`, async () => {
      const sample = await readWhole(file)
      expect(percentOf(sample, 'lru', entries)).toBeCloseTo(lru, 0)
      expect(percentOf(sample, 'lru', entries)).toBe(percentOf(sample, 'lru-sim', entries))
      expect(percentOf(sample, 'opt', entries)).toBeCloseTo(opt, 0)
      expect(Math.abs(percentOf(sample, 'lfu-sim', entries) - lfu)).toBeLessThan(1.5)
      expect(percentOf(sample, 'arc', entries)).toBeCloseTo(arc, 0)
      expect(Math.abs(percentOf(sample, 's3-fifo', entries) - s3)).toBeLessThan(1)
      expect(percentOf(sample, 'adaptive', entries)).toBeGreaterThan(lru)
    })
  }
})
