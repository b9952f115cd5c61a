/** npm run bench:compare: what it is asked, how it judges, and the builds that it compares with. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { parseCompareArguments, USUAL_SCENARIOS } from '../../bench/compare/arguments.mjs'
// @ts-expect-error: plain JavaScript
import { openOtherBuild } from '../../bench/compare/other-build.mjs'
// @ts-expect-error: plain JavaScript
import { compareRuns, ownCases } from '../../bench/compare/ratios.mjs'
// @ts-expect-error: plain JavaScript
import { closingLine, comparisonLines } from '../../bench/compare/report.mjs'
// @ts-expect-error: plain JavaScript
import { scenarioNames } from '../../bench/harness/scenarios.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const SCENARIO = {
  implementations: ['hotset', 'hotset, near off', 'lru-cache'],
  metrics: [
    { key: 'ns', title: 'ns a get', digits: 0, ratio: 'speed' },
    { key: 'rate', title: 'a second', digits: 0, ratio: 'rate' },
    { key: 'entries', title: 'entries', digits: 0 },
    { key: 'lines', title: 'lines', digits: 1, better: 'less' },
  ],
}

/** One implementation of one case, a round for each pair of numbers. */
function compare(key: string, before: number[], after: number[], threshold = 0.1) {
  const pairs = before.map((number, round) => ({
    case: 'a case',
    implementation: 'hotset',
    round,
    before: { [key]: number },
    after: { [key]: after[round] },
  }))
  return compareRuns(SCENARIO, pairs, threshold)
}

function verdictOf(...parameters: Parameters<typeof compare>): string {
  return compare(...parameters)[0].verdict
}

describe('the arguments of a comparison', () => {
  it('are a build, scenarios and a threshold in percent', () => {
    const args = ['main', 'get-hot', 'tags', '--threshold', '5', '--rounds', '4', '--smoke']
    expect(parseCompareArguments(args)).toEqual({
      help: false,
      smoke: true,
      ref: 'main',
      scenarios: ['get-hot', 'tags'],
      threshold: 0.05,
      rounds: 4,
      seed: 1,
    })
  })

  it('default to scenarios that there are, and to a tenth', () => {
    const { scenarios, threshold, rounds } = parseCompareArguments(['main'])
    expect(scenarios).toEqual(USUAL_SCENARIOS)
    for (const name of scenarios) expect(scenarioNames()).toContain(name)
    expect(threshold).toBe(0.1)
    expect(rounds).toBeUndefined()
  })

  it('have to name a build, and a threshold that is a number', () => {
    expect(() => parseCompareArguments([])).toThrow(/Compare with what/)
    expect(() => parseCompareArguments(['main', '--threshold', 'some'])).toThrow(
      /--threshold takes a whole number/,
    )
  })
})

describe('the cases of a comparison', () => {
  it('are those of hotset, where it has peers', () => {
    const cases = [{ name: 'all' }, { name: 'some', only: ['hotset', 'lru-cache'] }]
    expect(ownCases(SCENARIO, [...cases, { name: 'none', only: ['lru-cache'] }])).toEqual([
      { name: 'all', only: ['hotset', 'hotset, near off'] },
      { name: 'some', only: ['hotset'] },
    ])
  })

  it('are all, where no implementation is called hotset', () => {
    const scenario = { ...SCENARIO, implementations: ['lru', 'lfu'] }
    expect(ownCases(scenario, [{ name: 'all' }])).toEqual([{ name: 'all', only: ['lru', 'lfu'] }])
  })
})

describe('a comparison', () => {
  it('has the median of the ratios within a round, and their spread', () => {
    const [row] = compare('ns', [100, 200, 50], [110, 180, 60])
    expect(row.before.median).toBe(100)
    expect(row.after.median).toBe(110)
    expect(row.ratio).toEqual({ median: 1.1, low: 0.9, high: 1.2 })
  })

  it('is worse where what takes time takes more, beyond threshold and spread', () => {
    expect(verdictOf('ns', [100, 101, 99], [120, 121, 119])).toBe('worse')
    expect(verdictOf('ns', [100, 101, 99], [109, 109, 109])).toBe('')
    expect(verdictOf('ns', [100, 101, 99], [109, 109, 109], 0.05)).toBe('worse')
    expect(verdictOf('ns', [100, 125, 99], [120, 140, 119])).toBe('')
  })

  it('is worse where a rate falls, and better where it rises', () => {
    expect(verdictOf('rate', [100, 101], [80, 81])).toBe('worse')
    expect(verdictOf('rate', [80, 81], [100, 101])).toBe('better')
    expect(verdictOf('ns', [120, 121], [100, 101])).toBe('better')
    expect(verdictOf('lines', [10, 10], [12, 12])).toBe('worse')
  })

  it('judges nothing by one round, and leaves out what is neither good nor bad', () => {
    expect(verdictOf('ns', [100], [300])).toBe('')
    expect(compare('entries', [100, 100], [300, 300])).toEqual([])
    expect(compare('ns', [0, 0], [0, 0])).toEqual([])
  })

  it('reads as a table, and a line that names what is worse', () => {
    const rows = compare('ns', [100, 101, 99], [120, 121, 119])
    const table = comparisonLines(rows)
    expect(table).toHaveLength(3)
    expect(table[2]).toMatch(/a case .* hotset .* ns a get .* 100 .* 120 .* 1\.20 .* worse/)
    const result = { scenario: 'get-hot', rows }
    expect(closingLine([result], 0.1, true)).toBe(
      'Of 1 figures 1 worse by more than 10% and the spread of the rounds:\n  get-hot, a case, hotset: ns a get 1.20',
    )
    expect(closingLine([{ scenario: 'tags', rows: [] }], 0.1, true)).toMatch(/none is worse/)
    expect(closingLine([result], 0.1, false)).toMatch(/none is judged/)
  })
})

describe('the build of a commit', () => {
  const folders: string[] = []

  /** A repository with one commit, of these files. */
  function createRepository(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'hotset-test-'))
    folders.push(folder)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
    git('init', '--quiet')
    git('add', '--all')
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
    git(...identity, 'commit', '--quiet', '--no-gpg-sign', '--message', 'one')
    return folder
  }

  function worktreesOf(folder: string): string[] {
    const list = execFileSync('git', ['worktree', 'list'], { cwd: folder, encoding: 'utf8' })
    return list.trim().split('\n')
  }

  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  const BUILD = `import { mkdirSync, writeFileSync, existsSync } from 'node:fs'
    if (!existsSync('node_modules')) throw new Error('no node_modules')
    mkdirSync('dist/src', { recursive: true })
    writeFileSync('dist/src/index.js', 'export {}')`

  it('is made in a folder of its own, with the same packages, and leaves nothing behind', () => {
    const repository = createRepository({ 'scripts/build.mjs': BUILD, 'package-lock.json': '{}' })
    const build = openOtherBuild('HEAD', repository)
    expect(existsSync(join(build.dist, 'src/index.js'))).toBe(true)
    expect(build.dist.startsWith(repository)).toBe(false)
    expect(build.name).toMatch(/^HEAD \([0-9a-f]{7}\)$/)
    build.remove()
    expect(existsSync(build.dist)).toBe(false)
    expect(worktreesOf(repository)).toHaveLength(1)
    expect(readdirSync(repository).sort()).toEqual([
      '.git',
      'node_modules',
      'package-lock.json',
      'scripts',
    ])
  })

  it('may be one that was built already, which stays', () => {
    const repository = createRepository({ 'kept/src/index.js': 'export {}' })
    const build = openOtherBuild(join(repository, 'kept'), repository)
    expect(build.dist).toBe(join(repository, 'kept'))
    build.remove()
    expect(existsSync(join(repository, 'kept/src/index.js'))).toBe(true)
  })

  it('fails in one line where there is no such commit', () => {
    const repository = createRepository({ 'package-lock.json': '{}' })
    expect(() => openOtherBuild('nowhere', repository)).toThrow(/^There is no commit 'nowhere'.*$/)
    expect(() => openOtherBuild('--all', repository)).toThrow(/^There is no commit '--all'.*$/)
  })

  it('fails in one line where it does not build, and leaves nothing behind', () => {
    const repository = createRepository({
      'scripts/build.mjs': "throw new Error('the compiler is on strike')",
      'package-lock.json': '{}',
    })
    expect(() => openOtherBuild('HEAD', repository)).toThrow(
      /^HEAD does not build: .*the compiler is on strike.*$/,
    )
    expect(worktreesOf(repository)).toHaveLength(1)
    const older = createRepository({ 'package-lock.json': '{}' })
    expect(() => openOtherBuild('HEAD', older)).toThrow(/HEAD does not build: it has no scripts/)
  })
})

describe('npm run bench:compare', () => {
  it('runs a scenario on both builds, and finds the counts of one build equal', () => {
    const args = ['bench/compare.mjs', 'dist', 'engine-footprint', '--smoke']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout.match(/\| instructions .* 1\.00 \|/g)).toHaveLength(2)
    expect(stdout).toMatch(/10 figures compared; one round proves nothing/)
  }, 120_000)

  it('says which scenarios there are when asked for another, before it builds anything', () => {
    const args = ['bench/compare.mjs', 'HEAD', 'get-cold']
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^No scenario get-cold; there are/)
  })
})
