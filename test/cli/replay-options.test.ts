/** What the options of `hotset replay` mean, and what is said about wrong ones. */
import { describe, expect, it } from 'vitest'
import { parseReplayOptions } from '../../src/cli/replay-options.js'

const MIB = 1024 * 1024

describe('defaults', () => {
  it('are 64 MiB, the adaptive policy, no lifetimes and the built-in workload', () => {
    expect(parseReplayOptions([])).toEqual({
      files: [],
      budget: { unit: 'bytes', bytes: 64 * MIB },
      policy: 'adaptive',
      ttlMs: 0,
      valueBytes: 100,
      seed: 1,
      limit: undefined,
      near: true,
      progress: false,
      threads: 1,
      format: undefined,
      formatOptions: { columns: undefined, delimiter: undefined, timeUnitMs: undefined },
      json: false,
      help: false,
    })
  })
})

describe('--size', () => {
  it.each([
    ['64mb', { unit: 'bytes', bytes: 64 * MIB }],
    ['1.5GB', { unit: 'bytes', bytes: 1536 * MIB }],
    ['2000000b', { unit: 'bytes', bytes: 2_000_000 }],
    ['10000', { unit: 'entries', entries: 10_000 }],
    ['10000entries', { unit: 'entries', entries: 10_000 }],
    ['1 entry', { unit: 'entries', entries: 1 }],
  ])('%s is %j', (text, budget) => {
    expect(parseReplayOptions(['--size', text]).budget).toEqual(budget)
  })
})

describe('other options', () => {
  it('are taken as they are written', () => {
    const args =
      'a.log --policy lfu b.log --ttl 5m --value-size 1kb --seed 9 --limit 1000 --no-near --threads 64 --json ' +
      '--columns time,-,key,size --delimiter tab --time-unit ms'
    expect(parseReplayOptions(args.split(' '))).toMatchObject({
      files: ['a.log', 'b.log'],
      policy: 'lfu',
      ttlMs: 300_000,
      valueBytes: 1024,
      seed: 9,
      limit: 1000,
      near: false,
      threads: 64,
      json: true,
      formatOptions: { columns: { time: 1, key: 3, size: 4 }, delimiter: '\t', timeUnitMs: 1 },
    })
  })

  it('name columns by number or by name', () => {
    const { formatOptions } = parseReplayOptions(['--columns', 'key=2,size=bytes'])
    expect(formatOptions.columns).toEqual({ key: 2, size: 'bytes' })
  })

  it('take a format whatever its case', () => {
    expect(parseReplayOptions(['--format', 'oraclegeneral']).format).toBe('oracleGeneral')
  })
})

describe('wrong options', () => {
  it.each([
    [['--size', '64xb'], "Option '--size' cannot be '64xb'; allowed: bytes with a unit"],
    [['--size', '10kb'], 'from 1mb to 64gb'],
    [['--size', '0'], 'from 1 to 50000000'],
    [['--size', '99999999999'], 'from 1 to 50000000'],
    [['--size', '50000000', '--value-size', '1mb'], 'above 64gb'],
    [
      ['--policy', 'arc'],
      "'--policy' cannot be 'arc'; allowed: adaptive, lru, lfu, fifo, ttl, priority",
    ],
    [['--ttl', 'soon'], "Option '--ttl' cannot be 'soon'; allowed: milliseconds"],
    [['--value-size', '1gb'], 'at most 16777216 bytes'],
    [['--format', 'xml'], "'--format' cannot be 'xml'; allowed: access-log, twitter, arc"],
    [['--columns', 'size'], 'key must be among them'],
    [['--columns', 'key,key'], "'--columns' cannot be 'key,key'"],
    [['--columns', 'key,colour'], "'--columns' cannot be 'key,colour'"],
    [['--columns', 'key='], "'--columns' cannot be 'key='"],
    [['--delimiter', '::'], 'one character, or comma, tab'],
    [['--time-unit', 'h'], 'allowed: s, ms, us, ns'],
    [['--seed', '-1'], '--seed'],
    [['--seed=-1'], 'a whole number from 0 to 4294967295'],
    [['--limit', '0'], "Option '--limit' cannot be '0'"],
    [['--thread', '2'], "Unknown option '--thread'; the options are --size, --policy"],
    [['--threads', '0'], "Option '--threads' cannot be '0'; allowed: a whole number from 1 to 64"],
    [
      ['--threads', '65'],
      "Option '--threads' cannot be '65'; allowed: a whole number from 1 to 64",
    ],
    [['--threads', '2.5'], "'--threads' cannot be '2.5'"],
    [['--threads', 'many'], "'--threads' cannot be 'many'"],
    [['--size', '3', '--threads', '4'], '--size of 3 entries is too small for --threads 4'],
    [['--json=yes'], '--json'],
    [['--format', 'arc', '--columns', 'key'], '--columns cannot be given with --format arc'],
  ])('%j are refused by name, value and what is allowed', (args, message) => {
    expect(() => parseReplayOptions(args)).toThrow(message)
  })
})
