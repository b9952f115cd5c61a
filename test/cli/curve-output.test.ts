/** How a curve is told: report, tables, plot and chart, from a result that is made up. */
import { describe, expect, it } from 'vitest'
import { createAxes } from '../../src/cli/curve-axes.js'
import { plotCurves } from '../../src/cli/curve-plot.js'
import { type CurveReport, createCurveReport, isComplete } from '../../src/cli/curve-report.js'
import { renderCurveSvg } from '../../src/cli/curve-svg.js'
import { renderCurve } from '../../src/cli/curve-table.js'
import { parseSizes } from '../../src/replay/curve/sizes.js'
import type { CurvePoint, CurveResult } from '../../src/replay/curve/spec.js'

const SIZES = [100, 1000, 10_000]

function point(size: number, hitRatio: number, error: number): CurvePoint {
  return {
    size,
    share: size / 20_000,
    hitRatio,
    hitRatioError: error,
    byteHitRatio: hitRatio / 2,
    byteHitRatioError: error,
    requestsPerSecond: 1e6,
  }
}

function resultOf(more: Partial<CurveResult> = {}, error = 0): CurveResult {
  return {
    unit: 'entries',
    totals: { requests: 1_000_000, reads: 900_000, writes: 90_000, deletes: 10_000, readBytes: 5 },
    hasSizes: false,
    ignoresLifetimes: false,
    sample: { rate: 1, requests: 1_000_000, keys: 20_000 },
    workingSet: { objects: 20_000, bytes: 2 ** 21 },
    sizes: SIZES.map((size) => ({ label: `${size}`, size, share: size / 20_000, capacity: size })),
    curves: [
      { policy: 'lru', title: 'hotset, lru', source: 'the engine itself', points: [] },
      { policy: 'opt', title: 'OPT', source: 'Belady', points: [] },
    ].map((curve, index) => ({
      ...curve,
      points: SIZES.map((size, at) => point(size, 0.2 + 0.1 * index + 0.2 * at, error)),
    })),
    advice: [],
    interrupted: false,
    ...more,
  }
}

function reportOf(more: Partial<CurveResult> = {}, error = 0): CurveReport {
  const spec = {
    files: [{ path: 'a<b>&c.keys', format: 'keys', options: {}, fileBytes: 1 }],
    seed: 1,
    policies: ['lru', 'opt'],
    sizes: parseSizes('100,1000,10000', '--sizes'),
    ttlMs: 0,
    valueBytes: 100,
    maxSample: Number.POSITIVE_INFINITY,
    limit: undefined,
  }
  return createCurveReport(spec, { result: resultOf(more, error), problems: undefined })
}

const SAMPLED = { sample: { rate: 0.25, requests: 240_000, keys: 5000 } }

describe('the report', () => {
  it('says what was asked for and what came of it', () => {
    const report = reportOf()
    expect(report.trace).toMatchObject({ accesses: 1_000_000, reads: 900_000, brokenLines: 0 })
    expect(report.settings).toMatchObject({ sizes: ['100', '1000', '10000'], maxSample: null })
    expect(report.notes).toEqual([])
    expect(isComplete(report)).toBe(true)
  })

  it('tells of sampling, and of sizes that are too small for the sample', () => {
    const sizes = resultOf().sizes.map((size) => ({ ...size, capacity: size.size / 4 }))
    const { notes } = reportOf({ ...SAMPLED, sizes })
    expect(notes[0]).toContain('the 240,000 requests for 25.0% of the keys, of 1,000,000')
    expect(notes[1]).toContain('At 100 the sample fills a cache of fewer than 100 objects')
  })

  it('tells of a sample that has nothing in it', () => {
    const { notes } = reportOf({ sample: { rate: 0.25, requests: 0, keys: 0 } })
    expect(notes.slice(1)).toEqual([expect.stringContaining('none of them is in the sample')])
  })

  it('tells what objects count in bytes, lifetimes without times, points that failed, a break', () => {
    const curves = resultOf().curves
    curves[0].points[1] = { size: 1000, share: 0.05, failed: 'no room' }
    const report = reportOf({ unit: 'bytes', ignoresLifetimes: true, interrupted: true, curves })
    const notes = report.notes.join('\n')
    expect(notes).toContain('its value, its key and 48 bytes')
    expect(notes).toContain('With sizes opt is an approximation')
    expect(notes).toContain('The lifetimes in the trace were not used')
    expect(notes).toContain('lru failed at 1000: no room.')
    expect(notes).toContain('Interrupted')
    expect(isComplete(report)).toBe(false)
  })
})

describe('the tables', () => {
  it('have sizes down and policies across, with the error where there is one', () => {
    expect(renderCurve(reportOf())).toMatch(/ 1,000 │ +5% │ +40\.00 │ +50\.00 │/)
    expect(renderCurve(reportOf(SAMPLED, 0.0123))).toMatch(
      / 10,000 .* 60\.00 ±1\.23 │ 70\.00 ±1\.23/,
    )
  })

  it('are two where the trace has sizes', () => {
    expect(renderCurve(reportOf())).not.toContain('byte hit ratio')
    const text = renderCurve(reportOf({ hasSizes: true, unit: 'bytes' }))
    expect(text).toContain('byte hit ratio, %')
    expect(text).toMatch(/1000 b(ytes)? /i)
    expect(text).toMatch(/│ +20\.00 │ +25\.00 │/)
  })

  it('have a dash where a point is not there', () => {
    const curves = resultOf().curves
    curves[0].points.splice(1)
    curves[1].points[2] = { size: 10_000, share: 0.5, failed: 'no room' }
    const text = renderCurve(reportOf({ curves }))
    expect(text).toMatch(/ 1,000 .* - │ +50\.00/)
    expect(text).toMatch(/ 10,000 .* - │ +- │/)
  })
})

describe('the plot', () => {
  it('has a letter for each point, where one policy misses more than the other', () => {
    const lines = plotCurves(reportOf()).split('\n')
    const rowsOf = (letter: string) =>
      lines.flatMap((line, row) =>
        /^.{7}[│┤]/.test(line) && line.includes(letter, 8) ? [row] : [],
      )
    expect(rowsOf('a').length).toBe(3)
    expect(rowsOf('b').length).toBe(3)
    const rows = rowsOf('b')
    expect(rowsOf('a').every((row, index) => row < rows[index])).toBe(true)
    expect(lines.join('\n')).toContain('a lru   b opt   * several')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90)
  })

  it('marks points that coincide', () => {
    const curves = resultOf().curves
    curves[1].points = curves[0].points
    const plot = plotCurves(reportOf({ curves }))
    expect(plot.replace('* several', '').split('*').length - 1).toBe(3)
  })

  it('is drawn for a single size, and without any points', () => {
    const curves = resultOf().curves
    const one = { sizes: resultOf().sizes.slice(0, 1) }
    for (const curve of curves) curve.points.splice(1)
    expect(plotCurves(reportOf({ curves, ...one }))).toContain('a')
    for (const curve of curves) curve.points.splice(0)
    expect(plotCurves(reportOf({ curves }))).toContain('miss ratio')
    expect(renderCurveSvg(reportOf({ curves }))).not.toContain('NaN')
  })
})

describe('the axes', () => {
  it('hold all points, with few round ticks', () => {
    for (const [least, most] of [
      [0, 1],
      [0.31, 0.33],
      [0.5, 0.5],
      [0.02, 0.61],
      [1, 1],
      [0, 0],
    ]) {
      const curves = resultOf().curves.slice(0, 1)
      curves[0].points = [point(100, 1 - most, 0), point(10_000, 1 - least, 0)]
      const { ticks, x, y } = createAxes(reportOf({ curves }), 'objects')
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThan(9)
      expect(Math.max(...ticks)).toBeLessThan(1.001)
      for (const ratio of [least, most]) {
        expect(y(ratio)).toBeGreaterThanOrEqual(-1e-9)
        expect(y(ratio)).toBeLessThanOrEqual(1 + 1e-9)
      }
      expect(SIZES.map((size) => Number(x(size).toFixed(3)))).toEqual([0, 0.5, 1])
    }
  })
})

describe('the chart', () => {
  it('has a line a policy, a panel for objects, and one for bytes where there are sizes', () => {
    const svg = renderCurveSvg(reportOf())
    expect(svg.match(/<polyline class="line c0"/g)?.length).toBe(2)
    expect(svg.match(/Miss ratio/g)?.length).toBe(1)
    expect(renderCurveSvg(reportOf({ hasSizes: true })).match(/Miss ratio/g)?.length).toBe(2)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('has bands of error where keys were sampled', () => {
    expect(renderCurveSvg(reportOf())).not.toContain('<polygon')
    expect(renderCurveSvg(reportOf(SAMPLED, 0.01)).match(/<polygon/g)?.length).toBe(2)
  })

  it('is well-formed whatever the file is called', () => {
    const svg = renderCurveSvg(reportOf())
    expect(svg).toContain('a&lt;b&gt;&amp;c.keys')
    const opened = [...svg.matchAll(/<([a-z]+)\b[^>]*?(\/?)>/g)].filter(([, , closed]) => !closed)
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)]
    expect(opened.map(([, name]) => name).sort()).toEqual(closed.map(([, name]) => name).sort())
  })

  it('is dark where the reader has it dark', () => {
    expect(renderCurveSvg(reportOf())).toContain('@media(prefers-color-scheme:dark)')
  })
})
