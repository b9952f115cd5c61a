/** The benchmark suite runs: every scenario loads, and some do their work on small sizes. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const resultsFolder = `${root}bench/results`

interface SmokeReport {
  environment: { node: string; cpu: string; seed: number; versions: Record<string, string> }
  outcomes: {
    name: string
    rows: { case: string; implementation: string; values: Record<string, { median: number }> }[]
  }[]
}

async function bench(...args: string[]): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['bench/run.mjs', ...args], { cwd: root })
  return stdout
}

function modificationTimes(): string[] {
  if (!existsSync(resultsFolder)) return []
  return readdirSync(resultsFolder)
    .map((file) => `${file} ${statSync(`${resultsFolder}/${file}`).mtimeMs}`)
    .sort()
}

describe('npm run bench', () => {
  it('measures every implementation of a scenario with --smoke --json, and keeps nothing', async () => {
    const kept = modificationTimes()
    const names = ['get-hot', 'memory', 'tags']
    const output = await bench('--smoke', '--json', ...names)
    const { environment, outcomes } = JSON.parse(output) as SmokeReport
    expect(outcomes.map(({ name }) => name)).toEqual(names)
    for (const { rows } of outcomes) {
      expect(rows.length).toBeGreaterThan(1)
      for (const { values } of rows) expect(Object.keys(values).length).toBeGreaterThan(0)
    }
    expect(outcomes[0].rows.map(({ implementation }) => implementation)).toEqual([
      'hotset',
      'hotset, near off',
      'lru-cache',
      'tiny-lru',
      'lru.min',
      'quick-lru',
      'mnemonist',
      '@isaacs/ttlcache',
      'Map',
      'cacheable',
      'bentocache',
      'keyv',
      'lmdb',
      'Redis',
    ])
    for (const { values } of outcomes[0].rows) {
      expect(values.nsPerOp.median).toBeGreaterThan(0)
    }
    expect(environment.node).toBe(process.version)
    expect(environment.versions['lru-cache']).toMatch(/^\d+\.\d+\.\d+$/)
    expect(modificationTimes()).toEqual(kept)
  })

  it('sets, deletes, reads through and copies, answers checked', async () => {
    const names = ['set', 'set-at-capacity', 'read-through-mix', 'values']
    const { outcomes } = JSON.parse(await bench('--smoke', '--json', ...names)) as SmokeReport
    const [set, full, mix, values] = outcomes.map(({ rows }) => rows)
    for (const { values } of set) {
      for (const key of ['newNs', 'overwriteNs', 'deleteNs']) {
        expect(values[key].median).toBeGreaterThan(0)
      }
    }
    expect(
      full.find(({ implementation }) => implementation === 'lru-cache')?.values.entries,
    ).toEqual(full.find(({ implementation }) => implementation === 'hotset, lru')?.values.entries)
    for (const { values } of mix) expect(values.hitPercent.median).toBeGreaterThan(70)
    const copies = values.filter(({ case: name }) => name === 'Buffers, 64 KiB')
    expect(copies.length).toBe(4)
    for (const { values } of copies) expect(values.gigabytesPerSecond.median).toBeGreaterThan(0)
  }, 120_000)

  it('measures several threads, answers checked, in every implementation', async () => {
    const output = await bench('--smoke', '--json', 'mixed-threads', 'get-scaling')
    const { outcomes } = JSON.parse(output) as SmokeReport
    const [mixed, scaling] = outcomes.map(({ rows }) => rows)
    expect(mixed.map(({ implementation }) => implementation)).toEqual([
      'hotset',
      'hotset, near off',
      'lru-cache per thread',
      'lmdb',
      'Redis',
      'lru-cache, main thread',
    ])
    for (const { values } of mixed) {
      expect(values.operationsPerSecond.median).toBeGreaterThan(0)
      expect(values.p9999Us.median).toBeGreaterThanOrEqual(values.p50Us.median)
      expect(values.hitPercent.median).toBeGreaterThan(50)
    }
    for (const { values } of scaling) expect(values.ownScaling.median).toBeGreaterThan(0)
  }, 120_000)

  it('reads through tiers, answered by the tier that is meant, and loads once in a stampede', async () => {
    const names = ['tiers-memory-hit', 'tiers-redis-hit', 'tiers-lmdb-hit', 'tiers-stampede']
    const { outcomes } = JSON.parse(await bench('--smoke', '--json', ...names)) as SmokeReport
    const [memory, redis, lmdb, stampede] = outcomes.map(({ rows }) => rows)
    const implementations = ['hotset/tiers', 'bentocache', 'cacheable']
    for (const rows of [memory, redis, stampede]) {
      expect(rows.map(({ implementation }) => implementation)).toEqual(implementations)
    }
    expect(lmdb.map(({ implementation }) => implementation)).toEqual([...implementations, 'lmdb'])
    for (const { values } of memory) expect(values.getNs.median).toBeGreaterThan(0)
    for (const { values } of [...redis, ...lmdb]) expect(values.getUs.median).toBeGreaterThan(0)
    expect(stampede[0].values.loads.median).toBe(1)
  }, 120_000)

  it('times how long shards are locked, with an engine that is compiled for it', async () => {
    const { outcomes } = JSON.parse(await bench('--smoke', '--json', 'lock-hold')) as SmokeReport
    const [{ values }] = outcomes[0].rows
    expect(values.holds.median).toBeGreaterThan(1000)
    expect(values.moves.median).toBeGreaterThan(0)
  }, 120_000)

  it('follows a workload that changes, and tells what the choice of the policy costs', async () => {
    const output = await bench('--smoke', '--json', 'policy-reaction', 'policy-cost')
    const [reaction, cost] = (JSON.parse(output) as SmokeReport).outcomes.map(({ rows }) => rows)
    expect(reaction.map((row) => row.case.split(': ')[1])).toEqual([
      'recent',
      'frequent',
      'scan',
      'loop',
      'recent again',
    ])
    const [{ values: first }] = reaction
    expect(first.recent.median).toBeGreaterThan(first.frequent.median)
    for (const { values } of reaction) expect(values.lag.median).toBeGreaterThanOrEqual(0)
    for (const { values } of cost) {
      expect(values.withoutInstructions.median).toBeGreaterThan(100)
      expect(values.memoryPercent.median).toBeLessThan(1)
    }
  }, 120_000)

  it('adds up what loads would take, the same reads for every implementation', async () => {
    const { outcomes } = JSON.parse(await bench('--smoke', '--json', 'cost')) as SmokeReport
    const [cost, objects, lru, lruCache] = outcomes[0].rows.map(({ values }) => values)
    expect(cost.loadMs.median).toBeLessThan(0.9 * lruCache.loadMs.median)
    // Both are LRU to the letter.
    expect(lru).toEqual(lruCache)
    for (const { loadMs, savedMs } of [cost, objects, lru]) {
      expect(loadMs.median + savedMs.median).toBeCloseTo(
        lruCache.loadMs.median + lruCache.savedMs.median,
      )
    }
  }, 120_000)

  it('says which trace is missing where the hit ratios cannot be told', async () => {
    process.env.HOTSET_TRACES = '/no/such/folder'
    const output = await bench('--smoke', 'hit-ratio').finally(() => {
      delete process.env.HOTSET_TRACES
    })
    expect(output).toContain('not run, there is no OLTP.lis.gz in /no/such/folder')
  })

  it('prints a table with the machine and the seed above it', async () => {
    const output = await bench('--smoke', '--seed', '7', 'get-fresh-keys')
    expect(output).toContain(`Node ${process.version}`)
    expect(output).toContain('seed 7')
    expect(output).toMatch(/\| case +\| implementation +\|/)
  })

  it('names every scenario with --list', async () => {
    const names = (await bench('--list')).split('\n').map((line) => line.split(' ')[0])
    const files = readdirSync(`${root}bench/scenarios`).map((file) => file.replace('.mjs', ''))
    expect(names.filter((name) => name !== '')).toEqual(files.sort())
  })

  it('says which scenarios there are when asked for another', async () => {
    await expect(bench('--smoke', 'get-cold')).rejects.toThrow(/No scenario get-cold; there are/)
  })
})
