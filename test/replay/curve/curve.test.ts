/** A whole curve: read, sampled, simulated in threads, and put together. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as crewModule from '../../../src/replay/curve/crew.js'
import type * as curveModule from '../../../src/replay/curve/curve.js'
import { parseSizes } from '../../../src/replay/curve/sizes.js'
import type { CurvePoint, CurveResult, CurveSpec } from '../../../src/replay/curve/spec.js'
import { Random } from '../../../src/replay/random.js'
import { describeFiles } from '../../../src/replay/trace.js'
import { bundleCommand } from '../../support/bundled-command.js'
import { readsOf, sampleOf, skewedKeys } from './curve-helpers.js'

const REQUESTS = 60_000

let folder = ''
let runCurve: typeof curveModule.runCurve
let runJobs: typeof crewModule.runJobs

beforeAll(async () => {
  folder = await bundleCommand()
  ;({ runCurve } = (await import(join(folder, 'curve.js'))) as typeof curveModule)
  ;({ runJobs } = (await import(join(folder, 'crew.js'))) as typeof crewModule)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function specOf(name: string, lines: string[], more: Partial<CurveSpec> = {}) {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  return {
    files: await describeFiles([path], undefined, {}),
    seed: 1,
    policies: ['lru', 'clock'],
    sizes: parseSizes('1%,10%,50%', '--sizes'),
    ttlMs: 0,
    valueBytes: 100,
    maxSample: Number.POSITIVE_INFINITY,
    limit: undefined,
    ...more,
  } satisfies CurveSpec
}

function skewedLines(seed: number): string[] {
  const random = new Random(seed)
  return skewedKeys(REQUESTS, 20_000, () => random.nextFraction()).map(String)
}

function pointsOf({ curves }: CurveResult, policy: string): CurvePoint[] {
  const curve = curves.find((candidate) => candidate.policy === policy)
  return (curve?.points ?? []) as CurvePoint[]
}

describe('a curve of every request', () => {
  it('has a point for each policy and size, better with each size, and no error', async () => {
    const phases: string[] = []
    const spec = await specOf('whole.keys', skewedLines(1), {
      policies: ['lru', 'opt', 'adaptive'],
    })
    const { result } = await runCurve(spec, { onProgress: (phase) => phases.push(phase) })
    expect(result).toMatchObject({ unit: 'entries', hasSizes: false, interrupted: false })
    expect(result.sample).toMatchObject({ rate: 1, requests: REQUESTS })
    expect(result.workingSet.objects).toBe(new Set(skewedLines(1)).size)
    for (const { policy } of result.curves) {
      const ratios = pointsOf(result, policy).map(({ hitRatio }) => hitRatio)
      expect(ratios).toEqual([...ratios].sort((a, b) => a - b))
      expect(new Set(ratios).size).toBe(3)
      expect(pointsOf(result, policy).every(({ hitRatioError }) => hitRatioError === 0)).toBe(true)
    }
    pointsOf(result, 'opt').forEach(({ hitRatio }, index) => {
      expect(hitRatio).toBeGreaterThan(pointsOf(result, 'lru')[index].hitRatio)
      expect(hitRatio).toBeGreaterThan(pointsOf(result, 'adaptive')[index].hitRatio)
    })
    expect([...new Set(phases)]).toEqual(['reading', 'simulating'])
  })

  it('stops at the limit', async () => {
    const spec = await specOf('limit.keys', skewedLines(1), { limit: 10_001 })
    const { result } = await runCurve(spec)
    expect(result.sample.keys).toBe(new Set(skewedLines(1).slice(0, 10_001)).size)
    expect([result.totals.requests, result.sample.requests]).toEqual([10_001, 10_001])
  })

  it('is in bytes where the trace has sizes, and then the largest objects count most', async () => {
    const lines = skewedLines(2).map((key) => `${key},${100 + (Number(key) % 1000)}`)
    const spec = await specOf('sized.csv', ['key,size', ...lines], {
      policies: ['lru', 'lru-sim'],
      sizes: parseSizes('20%,50%', ''),
      limit: 20_000,
    })
    const { result } = await runCurve(spec)
    expect(result).toMatchObject({ unit: 'bytes', hasSizes: true })
    const own = pointsOf(result, 'lru')
    pointsOf(result, 'lru-sim').forEach(({ hitRatio, byteHitRatio }, index) => {
      expect(own[index].hitRatio).toBeCloseTo(hitRatio, 1)
      expect(own[index].byteHitRatio).toBeCloseTo(byteHitRatio, 1)
      expect(byteHitRatio).not.toBe(hitRatio)
    })
  })

  it('has lifetimes in the time of the trace, and refuses them where it has none', async () => {
    const lines = skewedLines(3).map((key, index) => `${index},${key}`)
    const spec = await specOf('timed.csv', ['time,key', ...lines], {
      sizes: parseSizes('100%', ''),
    })
    const [[forever], [brief]] = await Promise.all(
      [0, 60_000].map(async (ttlMs) =>
        pointsOf((await runCurve({ ...spec, ttlMs })).result, 'lru'),
      ),
    )
    expect(brief.hitRatio).toBeLessThan(forever.hitRatio - 0.1)
    const untimed = await specOf('untimed.keys', ['a'], { ttlMs: 1000 })
    await expect(runCurve(untimed)).rejects.toThrow('needs a trace with times')
  })
})

describe('a sampled curve', () => {
  it('is close to the exact one, within the errors that it tells', async () => {
    const exact = await specOf('exact.keys', skewedLines(4))
    const sampled = { ...exact, maxSample: 15_000 }
    const [{ result: truth }, { result }] = await Promise.all([runCurve(exact), runCurve(sampled)])
    expect(result.sample.rate).toBeLessThan(0.4)
    expect(result.workingSet.objects / truth.workingSet.objects).toBeCloseTo(1, 1)
    for (const policy of ['lru', 'clock']) {
      pointsOf(result, policy).forEach(({ hitRatio, hitRatioError }, index) => {
        expect(hitRatioError).toBeGreaterThan(0)
        expect(hitRatioError).toBeLessThan(0.03)
        const off = Math.abs(hitRatio - pointsOf(truth, policy)[index].hitRatio)
        expect(off).toBeLessThan(4 * hitRatioError)
      })
    }
  })
})

describe('a curve that is broken off', () => {
  it('while the trace is read is that of what was read', async () => {
    const stop = new AbortController()
    const spec = await specOf('broken-off.keys', skewedLines(5))
    const { result } = await runCurve(spec, {
      signal: stop.signal,
      onProgress: (_phase, _share, requests) => requests >= 10_000 && stop.abort(),
    })
    expect(result.interrupted).toBe(true)
    expect(result.totals.requests).toBeGreaterThanOrEqual(10_000)
    expect(result.totals.requests).toBeLessThan(REQUESTS)
    expect(pointsOf(result, 'clock').length).toBe(3)
  })

  it('later has the points that were done', async () => {
    const stop = new AbortController()
    const many = Array.from({ length: 40 }, (_, index) => `${index + 1}%`).join()
    const spec = await specOf('later.keys', skewedLines(6), { sizes: parseSizes(many, '') })
    const { result } = await runCurve(spec, {
      signal: stop.signal,
      onProgress: (phase) => phase === 'simulating' && stop.abort(),
    })
    expect(result.interrupted).toBe(true)
    expect(result.totals.requests).toBe(REQUESTS)
    const points = result.curves.flatMap((curve) => curve.points)
    expect(points.length).toBeLessThan(80)
    expect(points.every((point) => !('failed' in point))).toBe(true)
  })
})

describe('jobs', () => {
  it('that fail are told, and do not keep others from being done', async () => {
    const sample = sampleOf(readsOf([1, 2, 1]))
    const size = { label: '1', size: 1, share: 0.5, capacity: 2 }
    const jobs = ['lru', 'nonsense', 'clock'].map((policy, index) => ({ index, policy, size }))
    const data = { sample, unit: 'entries', costs: undefined, ttlMs: 0, valueBytes: 100 } as const
    const answers = await runJobs(jobs, data, { threads: 1 })
    expect(answers.get(1)).toEqual({ failed: expect.stringContaining('undefined') })
    expect([answers.get(0), answers.get(2)]).toEqual(
      new Array(2).fill(expect.objectContaining({ hitRatio: 1 / 3 })),
    )
  })
})
