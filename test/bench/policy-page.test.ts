/** docs/adaptive-policy.md: its table is that of the kept numbers, and what it leads to is there. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { withHitRatios } from '../../bench/report/policy-page.mjs'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const page = read('docs/adaptive-policy.md')
const FIGURES = ['OPT', 'LRU', 'ARC', 'S3-FIFO', 'W-TinyLFU, 1%', 'Caffeine main']

function rowOf(name: string, hits: number, overBest: number, isMean?: true) {
  const figures = Object.fromEntries(FIGURES.map((key) => [key, 50]))
  const medians = { ...figures, hitPercent: hits, overBest, overCaffeine: overBest + 1 }
  const values = Object.fromEntries(
    Object.entries(medians).map(([key, median]) => [key, { median, low: median, high: median }]),
  )
  return { case: name, implementation: 'hotset, adaptive', values, ratios: {}, isMean }
}

describe('the page of the adaptive policy', () => {
  it('has the table of the numbers that are kept', () => {
    const { outcome } = JSON.parse(read('bench/results/hit-ratio.json'))
    expect(withHitRatios(page, outcome.rows)).toBe(page)
  })

  it('leads to files that there are', () => {
    const links = Array.from(page.matchAll(/\]\(([^)#]+)\)/g), ([, link]) => link)
    expect(links.length).toBeGreaterThan(8)
    for (const link of links) expect(existsSync(new URL(`docs/${link}`, root)), link).toBe(true)
  })

  it('has a picture with a description, and colours for light and for dark surroundings', () => {
    const svg = read('docs/adaptive-policy.svg')
    expect(svg).toContain('<desc id="description">')
    const [light, dark] = svg.split('@media (prefers-color-scheme: dark)')
    const classes = Array.from(light.matchAll(/^ {4}(\.[\w-]+) \{/gm), ([, name]) => name)
    for (const name of classes.filter((name) => name !== '.way'))
      expect(dark).toContain(`${name} {`)
  })
})

describe('the table of the page', () => {
  const rows = [
    rowOf('loop, 250', 60, 2),
    rowOf('P3, 4,096', 48.45, -1.55),
    rowOf('w106, 2,048', 50.04, 0.04),
    rowOf('mean of the cells', 52.8, 0.16, true),
  ]
  const MARKED =
    'before\n<!-- table: npm run bench -- --report -->\nold\n<!-- end of the table -->\nafter'

  it('counts wins and losses, names the worst cell, and marks what is lost', () => {
    const changed = withHitRatios(MARKED, rows)
    expect(changed).toContain('1 wins, 1 losses and 1 within')
    expect(changed).toContain('the worst is P3, 4,096 entries (-1.6)')
    expect(changed).toMatch(/\| P3, 4,096 +\| +48.5 \| +\*\*-1.6\*\* \|/)
    expect(changed).toMatch(/\| loop, 250 +\| +60.0 \| +\+2.0 \|/)
  })

  it('replaces the old one, and leaves the rest of the page as it is', () => {
    const changed = withHitRatios(MARKED, rows)
    expect(changed).toMatch(/^before\n<!-- table[\s\S]*<!-- end of the table -->\nafter$/)
    expect(changed).not.toContain('old')
    expect(withHitRatios(changed, rows)).toBe(changed)
  })

  it('is not made where the page has no place for it', () => {
    expect(() => withHitRatios('a page', rows)).toThrow(/has no <!-- table/)
  })
})
