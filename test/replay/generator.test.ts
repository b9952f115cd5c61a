/** Made-up traces: the same for the same seed, and of the shares and shapes that were asked for. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_PHASE, parseTraceOptions } from '../../src/cli/trace-options.js'
import { DELETE, READ, UNKNOWN_SIZE, WRITE } from '../../src/replay/access.js'
import { FineRandom } from '../../src/replay/generate/fine-random.js'
import { Generator } from '../../src/replay/generate/generator.js'
import { blocksOf } from '../../src/replay/generate/write-trace.js'
import { Zipf } from '../../src/replay/zipf.js'
import { parse, type Row } from './parse-helpers.js'

/** What the command makes of these arguments. */
function rowsOf(...args: string[]): Row[] {
  const { phases, seed } = parseTraceOptions(args)
  const generator = new Generator(phases, seed)
  const rows: Row[] = []
  while (generator.next()) {
    const { key, sizeBytes, timeMs, ttlMs, operation } = generator
    rows.push([String(key), sizeBytes, timeMs, ttlMs, operation])
  }
  return rows
}

function share(rows: readonly Row[], passes: (row: Row) => boolean): number {
  return rows.filter(passes).length / rows.length
}

function keysFrom(rows: readonly Row[], least: number): number[] {
  return rows.map(([key]) => Number(key)).filter((key) => key >= least)
}

describe('a made-up trace', () => {
  it('is the same for the same options and seed, and another for another seed', () => {
    const options = ['--requests', '5000', '--scan', '10%x50', '--sizes', 'lognormal:1kb:1']
    expect(rowsOf(...options)).toEqual(rowsOf(...options))
    expect(rowsOf(...options)).not.toEqual(rowsOf(...options, '--seed', '2'))
  })

  it('is written and read back as it was made', () => {
    const options = ['--requests', '20k', '--keys', '1e10', '--sizes', 'pareto:1:1mb:1']
    const args = [
      ...options,
      '--ttl',
      '50%x5m',
      '--deletes',
      '5%',
      '--writes',
      '5%',
      '--rate',
      '500',
    ]
    const { phases, seed } = parseTraceOptions(args)
    const blocks = [...blocksOf(new Generator(phases, seed))].map((block) => block.length)
    expect(blocks.length).toBeGreaterThan(2)
    const bytes: Buffer[] = []
    for (const block of blocksOf(new Generator(phases, seed))) bytes.push(Buffer.from(block))
    const parsed = parse('hst', Buffer.concat(bytes))
    expect(parsed.broken).toEqual([])
    const made = rowsOf(...args).map(([key, size, time, ttl, operation]) =>
      operation === DELETE
        ? [key, UNKNOWN_SIZE, time, 0, operation]
        : [key, size, time, ttl, operation],
    )
    expect(parsed.rows.map(([key, size, , ...rest]) => [key, size, ...rest])).toEqual(
      made.map(([key, size, , ...rest]) => [key, size, ...rest]),
    )
    const worst = Math.max(
      ...parsed.rows.map(([, , time], at) => Math.abs(time - Number(made[at][2]))),
    )
    expect(worst).toBeLessThan(0.01)
  })

  it('has the shares of scans, loops, new keys and repeats that were asked for', () => {
    const keys = 1000
    const loop = 300
    const args = ['--requests', '200k', '--keys', '1000', '--scan', '20%x50', '--loop', '15%x300']
    const rows = rowsOf(...args, '--new', '5%')
    expect(share(rows, ([key]) => Number(key) < keys)).toBeCloseTo(0.6, 1)
    const looped = keysFrom(rows, keys).filter((key) => key < keys + loop)
    expect(looped.length / rows.length).toBeCloseTo(0.15, 2)
    expect(looped.every((key, at) => key === keys + (at % loop))).toBe(true)
    const fresh = keysFrom(rows, keys + loop)
    expect(fresh.length / rows.length).toBeCloseTo(0.25, 1)
    expect(new Set(fresh).size).toBe(fresh.length)
  })

  it('scans run by run: a scan that has begun is not interrupted', () => {
    const rows = rowsOf('--requests', '50k', '--keys', '100', '--scan', '30%x40')
    const isScan = rows.map(([key]) => Number(key) >= 100)
    const runs = isScan
      .map(String)
      .join('')
      .split('false')
      .filter((run) => run !== '')
    for (const run of runs.slice(0, -1)) expect((run.length / 'true'.length) % 40).toBe(0)
    expect(runs.length).toBeGreaterThan(100)
  })

  it('repeats recent requests more often than popularity would', () => {
    const rows = rowsOf('--requests', '50k', '--keys', '1e6', '--zipf', '0', '--repeat', '25%x10')
    const isRecent = (_row: Row, at: number) =>
      rows.slice(Math.max(0, at - 10), at).some(([key]) => key === rows[at][0])
    expect(rows.filter(isRecent).length / rows.length).toBeCloseTo(0.25, 1)
  })

  it('lets popularity drift', () => {
    const still = rowsOf('--requests', '20k', '--zipf', '1.5')
    const drifting = rowsOf('--requests', '20k', '--zipf', '1.5', '--drift', '100')
    const top = (rows: Row[], rank: number) => share(rows, ([key]) => Number(key) === rank)
    expect(top(still.slice(-2000), 0)).toBeGreaterThan(0.3)
    expect(top(drifting.slice(-2000), 0)).toBeLessThan(0.01)
    expect(share(drifting.slice(-100), ([key]) => Number(key) === 199)).toBeGreaterThan(0.2)
  })

  it('writes and deletes by the shares that were asked for, and reads otherwise', () => {
    const rows = rowsOf('--requests', '50k', '--writes', '20%', '--deletes', '0.05')
    const of = (operation: number) => share(rows, (row) => row[4] === operation)
    expect(of(WRITE)).toBeCloseTo(0.2, 2)
    expect(of(DELETE)).toBeCloseTo(0.05, 2)
    expect(of(READ)).toBeCloseTo(0.75, 2)
  })

  it('gives a key the same size and lifetime each time', () => {
    const rows = rowsOf('--requests', '30k', '--sizes', 'uniform:10:1000', '--ttl', '30%x10s')
    const known = new Map<string, string>()
    for (const [key, size, , ttl] of rows) {
      expect(known.get(key) ?? `${size} ${ttl}`).toBe(`${size} ${ttl}`)
      known.set(key, `${size} ${ttl}`)
    }
    const lifetimes = [...known.values()].filter((text) => text.endsWith(' 10000'))
    expect(lifetimes.length / known.size).toBeCloseTo(0.3, 1)
  })

  it.each([
    ['100', 100, 100, 100],
    ['uniform:100:300', 200, 100, 300],
    ['lognormal:1000:1.5', 1000, 1, 2 ** 29],
    // The median of a Pareto distribution of shape 1 is twice the least.
    ['pareto:100:1mb:1', 200, 100, 2 ** 20],
  ])('has sizes %s with the median and the bounds of that', (sizes, median, least, most) => {
    const rows = rowsOf('--requests', '40k', '--zipf', '0', '--keys', '1e9', '--sizes', sizes)
    const sorted = rows.map(([, size]) => size).sort((a, b) => a - b)
    expect(Math.abs(sorted[20_000] / median - 1)).toBeLessThan(0.03)
    expect(sorted[0]).toBeGreaterThanOrEqual(least)
    expect(sorted[39_999]).toBeLessThanOrEqual(most)
  })

  it('has the rate that was asked for, evenly or as from many clients', () => {
    const even = rowsOf('--requests', '1000', '--rate', '250')
    expect(even.every(([, , time], at) => Math.abs(time - 4 * (at + 1)) < 1e-6)).toBe(true)
    const poisson = rowsOf('--requests', '40k', '--rate', '250', '--arrivals', 'poisson')
    expect(poisson[39_999][2] / (40_000 * 4)).toBeCloseTo(1, 1)
    const pauses = poisson.map(([, , time], at) => time - (at === 0 ? 0 : poisson[at - 1][2]))
    // Of exponential pauses, 1 in e is longer than the mean.
    expect(pauses.filter((pause) => pause > 4).length / 40_000).toBeCloseTo(1 / Math.E, 2)
  })

  it('changes from phase to phase, and time and new keys go on', () => {
    const rows = rowsOf(
      ...['--requests', '1000', '--keys', '50', '--new', '10%'],
      ...['--phase', 'keys=50', '--phase', 'requests=2000,loop=100%x20,new=0'],
    )
    expect(rows).toHaveLength(3000)
    expect(rows.every(([, , time], at) => at === 0 || time > rows[at - 1][2])).toBe(true)
    expect(new Set(rows.slice(1000).map(([key]) => key)).size).toBe(20)
  })
})

describe('Zipf', () => {
  it.each([0, 0.5, 1, 1.000_000_1, 2])(
    'draws ranks by their weights at exponent %d',
    (exponent) => {
      const [count, draws] = [500, 100_000]
      const zipf = new Zipf(count, exponent)
      const random = new FineRandom(11)
      const drawn = new Float64Array(count + 1)
      for (let draw = 0; draw < draws; draw++) drawn[zipf.next(random)]++
      const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -exponent)
      const total = weights.reduce((sum, weight) => sum + weight)
      let chiSquare = 0
      for (let rank = 1; rank <= count; rank++) {
        const expected = (draws * weights[rank - 1]) / total
        if (expected >= 5) chiSquare += (drawn[rank] - expected) ** 2 / expected
      }
      const cells = weights.filter((weight) => (draws * weight) / total >= 5).length
      // Five standard deviations of that many cells.
      expect(chiSquare).toBeLessThan(cells + 5 * Math.sqrt(2 * cells))
    },
  )

  it('needs no table, and reaches the far end of a hundred million ranks', () => {
    const zipf = new Zipf(1e8, 0)
    const random = new FineRandom(3)
    const ranks = Array.from({ length: 2000 }, () => zipf.next(random))
    expect(Math.max(...ranks)).toBeGreaterThan(9.9e7)
    expect(Math.min(...ranks)).toBeLessThan(1e6)
    expect(new Set(ranks).size).toBeGreaterThan(1990)
  })
})

describe('the options of hotset trace', () => {
  it('are the documented defaults where none is given', () => {
    expect(parseTraceOptions([]).phases).toEqual([DEFAULT_PHASE])
  })

  it.each([
    [['--zipf', '2.1'], "Option '--zipf' cannot be '2.1'; allowed: a number from 0 to 2"],
    [['--requests', '0'], "'--requests' cannot be '0'; allowed: a whole number from 1"],
    [['--keys', '1.5'], "'--keys' cannot be '1.5'"],
    [['--scan', '10%'], "'--scan' cannot be '10%'; allowed: a share and a count"],
    [['--scan', '110%x5'], "'--scan' cannot be '110%'; allowed: a share from 0 to 1"],
    [['--sizes', 'pareto:2kb:1kb:1'], "'--sizes' cannot be 'pareto:2kb:1kb:1'; allowed: a size"],
    [['--ttl', '0s'], "'--ttl' cannot be '0s'"],
    [['--rate', '0'], "'--rate' cannot be '0'; allowed: a number from 0.001 to 1000000000"],
    [['--arrivals', 'bursty'], "'--arrivals' cannot be 'bursty'; allowed: even, poisson"],
    [['--phase', 'zipff=1'], "did you mean 'zipf'?"],
    [['--phase', 'zipf=3'], "'--phase zipf' cannot be '3'"],
    [['--new', '60%', '--loop', '60%x5'], 'are together 120% of the requests; allowed: up to 100%'],
    [['--bogus'], "Unknown option '--bogus'"],
  ])('%j are refused with the value and what is allowed', (args, message) => {
    expect(() => parseTraceOptions(args)).toThrow(message)
  })
})
