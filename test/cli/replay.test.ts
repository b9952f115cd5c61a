/** The command as it is called: a process of its own, its output and its exit code. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleCommand } from '../support/bundled-command.js'

const TIMEOUT_MS = 60_000
const MIB = 1024 * 1024

// Why: each call is a process with two threads, on a machine that runs other tests at the same time.
vi.setConfig({ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS })

let folder = ''

beforeAll(async () => {
  folder = await bundleCommand()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function hotset(...args: string[]) {
  return spawnSync(process.execPath, [join(folder, 'main.js'), ...args], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const LOG = [
  '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 1000 "-" "curl"',
  '1.2.3.4 - - [10/Oct/2000:13:55:37 +0000] "GET /b HTTP/1.1" 200 3000 "-" "curl"',
  'what is this',
  '1.2.3.4 - - [10/Oct/2000:13:55:38 +0000] "GET /a HTTP/1.1" 200 1000 "-" "curl"',
  '1.2.3.4 - - [10/Oct/2000:13:55:39 +0000] "POST /a HTTP/1.1" 200 1000 "-" "curl"',
  '1.2.3.4 - - [10/Oct/2000:13:57:00 +0000] "GET /a HTTP/1.1" 200 1000 "-" "curl"',
].join('\n')

describe('hotset replay --json', () => {
  it('prints one object, the same trace and hits for both caches, and nothing else', () => {
    const path = file('access.log', LOG)
    const { stdout, stderr, status } = hotset('replay', '--json', path)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const report = JSON.parse(stdout)
    expect(report.trace).toEqual({
      files: [{ path, format: 'access-log' }],
      accesses: 4,
      reads: 4,
      writes: 0,
      deletes: 0,
      readBytes: 6000,
      brokenLines: 1,
      skippedLines: 1,
      firstProblems: [{ file: path, line: 3, reason: 'no [time]' }],
    })
    expect(report.settings).toMatchObject({ policy: 'adaptive', budget: { unit: 'bytes' } })
    for (const name of ['hotset', 'lru-cache']) {
      const pass = report.results[name]
      expect(pass).toMatchObject({ implementation: name, hits: 2, hitRatio: 0.5, wrongValues: 0 })
      expect(pass).toMatchObject({ evictions: 0, entries: 2, refused: 0, notCacheable: 0 })
      expect(pass.byteHitRatio).toBeCloseTo(2000 / 6000)
      expect(pass.latency.worstNs).toBeGreaterThan(0)
    }
  })

  it('measures the memory that each takes, close to what it was given', () => {
    const { stdout } = hotset('replay', '--json', '--size=8mb', '--limit=100000', '--no-near')
    const { results } = JSON.parse(stdout)
    expect(results.hotset.memory.offHeapBytes).toBeGreaterThan(6 * MIB)
    expect(results.hotset.memory.offHeapBytes).toBeLessThanOrEqual(8 * MIB)
    expect(results.hotset.memory.heapBytes).toBeLessThan(2 * MIB)
    expect(results['lru-cache'].memory.offHeapBytes).toBe(0)
    expect(results['lru-cache'].memory.heapBytes).toBeGreaterThan(6 * MIB)
    expect(results['lru-cache'].memory.heapBytes).toBeLessThan(12 * MIB)
  })

  it('lets objects expire in the time of the trace', () => {
    const { stdout } = hotset('replay', '--json', '--ttl', '1m', file('ttl.log', LOG))
    const { results } = JSON.parse(stdout)
    expect([results.hotset.hits, results['lru-cache'].hits]).toEqual([1, 1])
  })

  it('bounds both by entries, and hotset with lru hits where lru-cache does', () => {
    const keys = Array.from(
      { length: 5000 },
      (_, index) => `key:${(index * index) % (17 + (index % 800))}`,
    )
    const path = file('some.keys', keys.join('\n'))
    const { stdout } = hotset('replay', '--json', '--size=200', '--policy=lru', '--no-near', path)
    const { results } = JSON.parse(stdout)
    expect(results.hotset).toMatchObject({ entries: 200, wrongValues: 0 })
    expect(results.hotset.hits).toBeGreaterThan(1000)
    expect(results.hotset.hits).toBe(results['lru-cache'].hits)
    expect(results.hotset.evictions).toBe(results['lru-cache'].evictions)
  })
})

describe('hotset replay', () => {
  it('shows a table of a part of the built-in workload', () => {
    const { stdout, stderr, status } = hotset('replay', '--limit', '50000', '--size', '2mb')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('built-in workload: 50,000 accesses, seed 1; 2 MiB each')
    expect(stdout).toMatch(/hotset \(adaptive\).*lru-cache/)
    for (const row of [
      'hit ratio',
      'byte hit ratio',
      'operations/s',
      'p99.99',
      'worst',
      'memory used',
    ]) {
      expect(stdout).toContain(row)
    }
  })

  it('shows broken lines below the table', () => {
    const { stdout, status } = hotset('replay', file('broken.log', LOG))
    expect(status).toBe(0)
    expect(stdout).toContain('broken.log:3 is broken: no [time].')
  })

  it('explains itself', () => {
    const { stdout, status } = hotset('replay', '--help')
    expect(status).toBe(0)
    for (const option of [
      '--size',
      '--policy',
      '--ttl',
      '--format',
      '--columns',
      '--json',
      '--seed',
      '--threads',
    ]) {
      expect(stdout).toContain(option)
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })
})

describe('hotset', () => {
  it('tells its version and its commands', () => {
    expect(hotset('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(hotset().stdout).toContain('replay [files...]')
  })
})

describe('a trace that is cut off', () => {
  it('is an error that names the file, found before or during the replay', () => {
    const whole = gzipSync(
      Buffer.from(randomBytes(200_000).toString('hex').replace(/.{8}/g, '$&\n')),
    )
    const path = join(folder, 'cut.keys.gz')
    writeFileSync(path, whole.subarray(0, whole.length - 1000))
    const { stdout, stderr, status } = hotset('replay', '--json', path)
    expect(stdout).toBe('')
    expect(stderr).toBe(`hotset: Cannot read ${path}: unexpected end of file\n`)
    expect(status).toBe(1)
  })
})

describe('what cannot be done', () => {
  it.each([
    [['replay', '--size', '1xb'], 2, "Option '--size' cannot be '1xb'"],
    [
      ['replay', '--threads', '65'],
      2,
      "Option '--threads' cannot be '65'; allowed: a whole number",
    ],
    [['replay', '--bogus'], 2, "Unknown option '--bogus'"],
    [['reply'], 2, "There is no command 'reply'; allowed: replay"],
    [['replay', '/nowhere/at/all'], 1, 'Cannot read /nowhere/at/all'],
  ])('%j ends with one line on stderr and a code', (args, code, message) => {
    const { stdout, stderr, status } = hotset(...args)
    expect(stdout).toBe('')
    expect(stderr).toContain(`hotset: ${message}`)
    expect(stderr).not.toContain('    at ')
    expect(status).toBe(code)
  })
})
