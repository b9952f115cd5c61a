/** From runs to rows: means over all cases, what was measured again and again, and aims of every case. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { groupsOf } from '../../bench/harness/rounds.mjs'
// @ts-expect-error: plain JavaScript
import { judgeAims, tabulate } from '../../bench/harness/statistics.mjs'
// @ts-expect-error: plain JavaScript
import { drawCourse } from '../../bench/report/course-chart.mjs'

const SCENARIO = {
  implementations: ['hotset'],
  mean: 'all of them',
  metrics: [
    { key: 'hits', title: 'hits, %', digits: 1 },
    { key: 'above', title: 'above', digits: 1 },
  ],
  series: ['course', 'states'],
}
const CASES = [{ name: 'small' }, { name: 'large' }]

const run = (name: string, round: number, measurement: object) => {
  return { case: name, implementation: 'hotset', round, measurement }
}
const RUNS = [
  run('small', 0, { hits: 10, above: -1, course: [1, 2], states: [0, 0] }),
  run('large', 0, { hits: 30, above: 2, course: [3, 4], states: [1, 0] }),
  run('small', 1, { hits: 20, above: -3, course: [5, 6], states: [1, 1] }),
  run('large', 1, { hits: 50, above: 4, course: [7, 8], states: [1, 1] }),
]

describe('the mean over all cases', () => {
  it('is taken in each round, and so has a spread of its own', () => {
    const row = tabulate(SCENARIO, CASES, RUNS).at(-1)
    expect(row).toMatchObject({ case: 'all of them', implementation: 'hotset', isMean: true })
    expect(row.values.hits).toEqual({ median: 27.5, low: 20, high: 35 })
    expect(row.values.above).toEqual({ median: 0.5, low: 0.5, high: 0.5 })
    expect(row.series).toBeUndefined()
  })

  it('leaves out what a case does not have, and rounds that are not whole', () => {
    const some = [RUNS[0], { ...RUNS[1], measurement: { hits: 30 } }, RUNS[2]]
    const row = tabulate(SCENARIO, CASES, some).at(-1)
    expect(row.values).toEqual({ hits: { median: 20, low: 20, high: 20 } })
  })

  it('is not told of a single case, nor where the scenario names none', () => {
    const cases = tabulate(SCENARIO, CASES.slice(0, 1), RUNS)
    expect(cases.map((row: { case: string }) => row.case)).toEqual(['small'])
    expect(tabulate({ ...SCENARIO, mean: undefined }, CASES, RUNS)).toHaveLength(2)
  })
})

describe('an aim of every case', () => {
  const judge = (bound: object, metric = 'above') => {
    const aims = [{ implementation: 'hotset', metric, of: 'value', ...bound }]
    return judgeAims({ ...SCENARIO, aims }, tabulate(SCENARIO, CASES, RUNS))[0]
  }

  it('is judged by the case that is the furthest from it, and names it', () => {
    expect(judge({ atLeast: -1 })).toEqual({
      text: 'every case, hotset: above at least -1; worst: small',
      reached: -2,
      met: false,
    })
    expect(judge({ atMost: 3 })).toMatchObject({ reached: 3, met: true })
    expect(judge({ atMost: 39 }, 'hits')).toMatchObject({ reached: 40, met: false })
  })

  it('is not judged where nothing was measured', () => {
    expect(judge({ atMost: 1 }, 'course')).toBeUndefined()
  })
})

it('keeps of what was measured again and again the first round', () => {
  const [small, large] = tabulate(SCENARIO, CASES, RUNS)
  expect(small.series).toEqual({ course: [1, 2], states: [0, 0] })
  expect(large.series).toEqual({ course: [3, 4], states: [1, 0] })
})

it('draws its course, with a name above each case and below what was in force', () => {
  const chart = {
    title: 'Course',
    valueTitle: 'hits, %',
    atTitle: 'requests',
    step: 0.5,
    cases: ['small', 'large'],
    lines: [{ series: 'course', title: 'adaptive' }],
    states: { series: 'states', title: 'in force', names: ['one rule', 'other rule'] },
  }
  const svg = drawCourse({ ...SCENARIO, chart }, tabulate(SCENARIO, CASES, RUNS))
  for (const text of ['Course', 'small', 'large', 'adaptive', 'one rule', 'other rule'])
    expect(svg).toContain(`>${text}</text>`)
  expect(svg).toContain('@media (prefers-color-scheme:dark)')
})

it('runs neighbours together that ask for it, and others alone', () => {
  const cases = ['a', 'a', undefined, undefined, 'b', 'a'].map((together, at) => {
    return { name: String(at), together }
  })
  const names = groupsOf(cases).map((group: { name: string }[]) => group.map(({ name }) => name))
  expect(names).toEqual([['0', '1'], ['2'], ['3'], ['4'], ['5']])
})
