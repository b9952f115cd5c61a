/** npm run bench with --case and --only: what is left to run, and what is said of names that there are not. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { parseCommandLine } from '../../bench/harness/command-line.mjs'
// @ts-expect-error: plain JavaScript
import { selectCases } from '../../bench/harness/selection.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const GETS = {
  name: 'gets',
  scenario: {
    baseline: 'lru-cache',
    implementations: ['hotset', 'lru-cache', 'Map'],
    cases: [
      { name: '1,000 keys' },
      { name: '5,000,000 keys', only: ['hotset', 'lru-cache'] },
      { name: 'no peers', only: ['hotset'] },
    ],
    smokeCases: [{ name: '10 keys' }],
  },
}
const ENGINE = {
  name: 'engine',
  scenario: {
    implementations: ['lru', 'lfu'],
    cases: [{ name: 'a hit' }],
    smokeCases: [{ name: 'a hit' }],
  },
}

interface Asked {
  smoke?: boolean
  caseTexts?: string[]
  only?: string[]
}

/** What is run: per scenario the cases, each with its implementations where they are not all. */
function select(asked: Asked): Record<string, object[]> {
  const everything = { smoke: false, caseTexts: [], only: [] }
  const selected: { name: string; cases: object[] }[] = selectCases([GETS, ENGINE], {
    ...everything,
    ...asked,
  })
  return Object.fromEntries(selected.map(({ name, cases }) => [name, cases]))
}

it('runs all cases where nothing is asked for, or the small ones', () => {
  expect(select({})).toEqual({ gets: GETS.scenario.cases, engine: ENGINE.scenario.cases })
  expect(select({ smoke: true }).gets).toEqual([{ name: '10 keys' }])
})

it('runs the cases whose names contain one of the texts, and no scenario that has none', () => {
  expect(select({ caseTexts: ['000 keys', 'no peers'] })).toEqual({ gets: GETS.scenario.cases })
  expect(select({ caseTexts: ['1,000'] })).toEqual({ gets: [{ name: '1,000 keys' }] })
})

it('runs an implementation beside the baseline, and no baseline alone', () => {
  expect(select({ only: ['Map'] })).toEqual({
    gets: [{ name: '1,000 keys', only: ['lru-cache', 'Map'] }],
  })
  expect(select({ only: ['hotset'] }).gets).toEqual([
    { name: '1,000 keys', only: ['hotset', 'lru-cache'] },
    { name: '5,000,000 keys', only: ['hotset', 'lru-cache'] },
    { name: 'no peers', only: ['hotset'] },
  ])
  expect(select({ only: ['lfu', 'lru-cache'] })).toEqual({
    gets: [
      { name: '1,000 keys', only: ['lru-cache'] },
      { name: '5,000,000 keys', only: ['lru-cache'] },
    ],
    engine: [{ name: 'a hit', only: ['lfu'] }],
  })
})

it('names what there is when asked for a case or an implementation that there is not', () => {
  expect(() => select({ caseTexts: ['a hit', 'a miss'] })).toThrow(
    /^No case 'a miss'; there are 1,000 keys; 5,000,000 keys; no peers; a hit$/,
  )
  expect(() => select({ only: ['hot'] })).toThrow(
    /^No implementation 'hot'; there are hotset; lru-cache; Map; lru; lfu$/,
  )
  expect(() => select({ caseTexts: ['a hit'], only: ['Map'] })).toThrow(/with Map$/)
})

it('is asked by --case and --only, which may be given again', () => {
  const options = parseCommandLine(['tags', '--case', 'one', '--case', 'two', '--only', 'hotset'])
  expect(options).toMatchObject({
    scenarios: ['tags'],
    caseTexts: ['one', 'two'],
    only: ['hotset'],
    isPartial: true,
  })
  expect(parseCommandLine(['tags'])).toMatchObject({ caseTexts: [], only: [], isPartial: false })
})

it('prints what it ran of a scenario, how long it took, and that it is not kept', () => {
  const args = ['bench/run.mjs', 'tags', '--smoke', '--only', 'hotset, deleteByTag']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/\| hotset, deleteByTag /)
  expect(stdout).toMatch(/\| lru-cache and a Map of tags /)
  expect(stdout).not.toMatch(/\| hotset +\|/)
  expect(stdout).toMatch(/^tags +0:0\d$/m)
  expect(stdout).toMatch(/nothing is kept/)
})
