/** The report: all scenarios are in it, each with a figure that stands for it, and it is made of kept numbers. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { betterOf } from '../../bench/compare/ratios.mjs'
// @ts-expect-error: plain JavaScript
import { loadScenario, scenarioNames } from '../../bench/harness/scenarios.mjs'
// @ts-expect-error: plain JavaScript
import { implementationsOf, tabulate } from '../../bench/harness/statistics.mjs'
// @ts-expect-error: plain JavaScript
import { elapsedLines, expectedLine } from '../../bench/report/elapsed.mjs'
// @ts-expect-error: plain JavaScript
import { GROUPS } from '../../bench/report/groups.mjs'
// @ts-expect-error: plain JavaScript
import { headlineOf } from '../../bench/report/headline.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Headline {
  case?: string
  metric: string
  implementation?: string
}
interface Entry {
  name: string
  question: string
  headline: Headline
}
interface Case {
  name: string
  only?: string[]
}
interface Metric {
  key: string
  title: string
}
interface Scenario {
  title: string
  implementations: string[]
  cases: Case[]
  metrics: Metric[]
  mean?: string
  chart: { metric: string }
}

const entries: Entry[] = GROUPS.flatMap((group: { entries: Entry[] }) => group.entries)

describe('the groups of the report', () => {
  it('have every scenario once', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual(scenarioNames())
  })

  it.each(entries)('tell a figure of $name that there is, and is compared', async (entry) => {
    const scenario: Scenario = await loadScenario(entry.name)
    const { case: name, metric: key, implementation = 'hotset' } = entry.headline
    const metric = scenario.metrics.find((each) => each.key === key)
    expect(betterOf(metric)).toBeDefined()
    const cases = scenario.cases.filter(
      (each) => name === undefined || name === scenario.mean || each.name === name,
    )
    expect(cases.length).toBeGreaterThan(0)
    for (const each of cases) {
      expect(implementationsOf(scenario, each)).toContain(implementation)
    }
    expect(entry.question).toMatch(/^[A-Z].*\?$/)
  })

  it.each(entries)('chart of $name what is compared', async ({ name }) => {
    const { metrics, chart }: Scenario = await loadScenario(name)
    expect(betterOf(metrics.find(({ key }) => key === chart.metric))).toBeDefined()
  })
})

describe('the figure that stands for a scenario', () => {
  const scenario = {
    baseline: 'lru-cache',
    implementations: ['hotset', 'lru-cache'],
    metrics: [
      { key: 'ns', title: 'ns a get', digits: 1, ratio: 'speed' },
      { key: 'mib', title: 'RSS, MiB', digits: 0, ratio: 'share' },
      { key: 'plain', title: 'plain', digits: 0 },
    ],
  }
  const runs = [
    { case: 'a', implementation: 'hotset', measurement: { ns: 10, mib: 50, plain: 1 } },
    { case: 'a', implementation: 'lru-cache', measurement: { ns: 30, mib: 200, plain: 2 } },
    { case: 'b', implementation: 'hotset', measurement: { ns: 20, mib: 50, plain: 3 } },
  ].map((run) => ({ ...run, round: 0 }))
  const rows = tabulate(scenario, [{ name: 'a' }, { name: 'b' }], runs)

  it('has both sides, and how many times better, whichever way is better', () => {
    const ns = headlineOf(scenario, rows, { case: 'a', metric: 'ns' })
    expect(ns).toMatchObject({ label: 'a: ns a get', own: 10, baseline: 30, factor: 3 })
    expect(headlineOf(scenario, rows, { case: 'a', metric: 'mib' }).factor).toBe(4)
    expect(headlineOf(scenario, rows, { case: 'a', metric: 'plain' }).factor).toBeUndefined()
  })

  it('is the median of all cases where it names none, and nothing where it was not measured', () => {
    expect(headlineOf(scenario, rows, { metric: 'ns' })).toMatchObject({ own: 15, factor: 3 })
    expect(headlineOf(scenario, rows, { case: 'c', metric: 'ns' })).toBeUndefined()
  })
})

describe('npm run bench -- --report', () => {
  let folder: string
  const readme = (): string => readFileSync(join(folder, 'README.md'), 'utf8')

  /** Numbers that nobody measured: here to be told of, and nowhere else. */
  async function keepNumbers(name: string): Promise<void> {
    const scenario: Scenario = await loadScenario(name)
    const measurement = Object.fromEntries(scenario.metrics.map(({ key }, at) => [key, 10 + at]))
    const runs = scenario.cases.flatMap((each) =>
      implementationsOf(scenario, each).map((implementation: string) => {
        return { case: each.name, implementation, round: 0, measurement }
      }),
    )
    const outcome = { name, rounds: 1, rows: tabulate(scenario, scenario.cases, runs) }
    const environment = { node: 'v20', platform: 'Test', cpu: 'CPU', versions: {}, seed: 1 }
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ environment, outcome }))
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hotset-test-report-'))
    for (const name of scenarioNames().filter((name: string) => name !== 'tags')) {
      await keepNumbers(name)
    }
    const env = { ...process.env, HOTSET_BENCH_RESULTS: folder }
    execFileSync(process.execPath, ['bench/run.mjs', '--report'], { cwd: root, env })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('makes a page and a chart of each scenario that was run, and an index that leads to them', () => {
    const names = scenarioNames().filter((name: string) => name !== 'tags')
    const made = names.flatMap((name: string) => [`${name}.json`, `${name}.md`, `${name}.svg`])
    expect(readdirSync(folder).sort()).toEqual([...made, 'README.md', 'overview.svg'].sort())
    const links = Array.from(readme().matchAll(/\]\(([^#)]+)\)/g), ([, link]) => link)
    expect(links.length).toBeGreaterThan(2 * names.length)
    for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true)
    const page = readFileSync(join(folder, 'get-hot.md'), 'utf8')
    expect(page).toMatch(/^# Get, hot keys\n/)
    expect(page).toContain('](get-hot.svg)')
  })

  it('says of the others that they were not run', () => {
    expect(readme()).toMatch(/^\| Invalidation by tag<br>.* \| not run yet \|/m)
  })

  it('counts the aims at the top, and lists those that are missed', () => {
    const [, met, all] = /(\d+) of the (\d+) that the project/.exec(readme()) ?? []
    const missed = readme().split('## Aims missed')[1].split('\n## ')[0].match(/^- /gm) ?? []
    expect(Number(all)).toBeGreaterThan(30)
    expect(Number(all) - Number(met)).toBe(missed.length)
    expect(readme()).toContain('[Get, hot keys](get-hot.md): 1,000 keys, hotset: ns a get at least')
  })

  it('names the machine once, where all ran on one', () => {
    expect(readme().match(/^- .*Node v20 on Test/gm)).toHaveLength(1)
  })

  it('draws with colours for light and for dark surroundings', () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.svg'))) {
      const svg = readFileSync(join(folder, file), 'utf8')
      expect(svg).toContain('@media (prefers-color-scheme:dark)')
      expect(svg).toContain('fill="#24292f"')
    }
  })
})

describe('the time that scenarios take', () => {
  const keptMs = new Map([['gets', 100_000]])

  it('is told beforehand, as far as it is known', () => {
    expect(expectedLine(['gets', 'sets'], keptMs)).toEqual([
      'Takes about 2 minutes, and 1 more of which no time is kept',
    ])
    expect(expectedLine(['sets'], keptMs)).toEqual([])
  })

  it('is told of each in the end, beside that of the kept run, and in all', () => {
    const outcomes = [
      { name: 'gets', elapsedMs: 61_400 },
      { name: 'sets', elapsedMs: 2_000 },
    ]
    expect(elapsedLines(outcomes, keptMs)).toEqual([
      'gets     1:01  (kept run: 1:40)',
      'sets     0:02',
      'in all   1:03',
    ])
  })
})
