/** Miss-ratio curves as the command draws them: a process of its own, its output, files and exit code. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleCommand } from '../support/bundled-command.js'

const TIMEOUT_MS = 60_000

// Why: each call is a process with threads, on a machine that runs other tests at the same time.
vi.setConfig({ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS })

let folder = ''

beforeAll(async () => {
  folder = await bundleCommand()
  const keys = Array.from({ length: 20_000 }, (_, index) => (index * index) % (17 + (index % 900)))
  writeFileSync(join(folder, 'some.keys'), keys.join('\n'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function replay(...args: string[]) {
  return spawnSync(process.execPath, [join(folder, 'main.js'), 'replay', ...args], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
}

describe('hotset replay with several policies', () => {
  it('prints one JSON object with --json: a curve for each, and nothing else', () => {
    const path = join(folder, 'some.keys')
    const sizes = ['--sizes', '5%,50entries,50%']
    const { stdout, stderr, status } = replay(
      path,
      '--policy',
      'lru,lru-sim,opt',
      ...sizes,
      '--json',
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      trace: { files: [{ path, format: 'keys' }], accesses: 20_000, reads: 20_000 },
      settings: { policies: ['lru', 'lru-sim', 'opt'], maxSample: 4_000_000 },
      sample: { rate: 1, requests: 20_000 },
      unit: 'entries',
      partial: false,
      notes: [],
    })
    const [lru, simulated, opt] = report.curves.map(
      ({ points }: { points: { hitRatio: number }[] }) => points.map(({ hitRatio }) => hitRatio),
    )
    expect(lru.length).toBe(3)
    expect(lru).toEqual(simulated)
    expect(opt[0]).toBeGreaterThan(lru[0])
  })

  it('shows tables and a plot of the built-in workload, which has sizes, and writes the chart', () => {
    const svg = join(folder, 'chart.svg')
    const { stdout, status } = replay('--sizes', '5%,20%', '--limit', '50000', '--svg', svg)
    expect(status).toBe(0)
    expect(stdout).toContain('built-in workload, seed 1: 50,000 accesses; working set')
    expect(stdout).toMatch(/size .* of all .* lru .* adaptive .* s3-fifo .* opt/)
    expect(stdout).toContain('byte hit ratio, %')
    expect(stdout).toContain('a lru   b adaptive   c s3-fifo   d opt')
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg xmlns[\s\S]*<\/svg>\n$/)
  })

  it('samples a trace that is larger than it may keep, and says so', () => {
    const { stdout } = replay(
      '--policy',
      'lru,arc',
      '--sizes',
      '10%',
      '--sample',
      '10000',
      '--limit=90000',
    )
    expect(stdout).toMatch(/│ +\d+\.\d\d ±\d+\.\d\d │ +\d+\.\d\d ±\d+\.\d\d │/)
    expect(stdout).toMatch(/Sampled: the [\d,]+ requests for [\d.]+% of the keys, of 90,000\./)
  })

  it('ends with advice, which is also in the JSON and can be left out', () => {
    const args = ['--policy', 'lru,clock', '--sizes', '5%,10%,20%', '--limit', '50000']
    const { stdout } = replay(...args)
    const { advice } = JSON.parse(replay(...args, '--json').stdout)
    const [size, lifetime] = advice
    expect(size).toMatchObject({ kind: 'size', policy: 'lru' })
    expect(lifetime).toMatchObject({ kind: 'lifetime', hitRatio: size.hitRatio })
    const lines = advice.map(({ text }: { text: string }) => `  ${text}\n`).join('')
    expect(stdout.endsWith(`\nAdvice:\n${lines}`)).toBe(true)
    const without = replay(...args, '--no-advice')
    expect(without.stdout).toBe(stdout.slice(0, stdout.indexOf('\nAdvice:')))
    expect(without.status).toBe(0)
  })

  it('is explained by --help, with every policy for comparison', () => {
    const { stdout } = replay('--help')
    for (const word of [
      '--sizes',
      '--sample',
      '--exact',
      '--svg',
      '--no-advice',
      's3-fifo',
      'w-tinylfu',
      'opt',
    ]) {
      expect(stdout).toContain(word)
    }
  })
})

describe('what cannot be done', () => {
  it.each([
    [
      ['--sizes', '1%', '--svg', '/nowhere/at/all.svg'],
      2,
      'Cannot write --svg /nowhere/at/all.svg',
    ],
    [['--sizes', '0%'], 2, "Option '--sizes' cannot be '0%'"],
    [['--sizes', '1%', '/nowhere/at/all'], 1, 'Cannot read /nowhere/at/all'],
  ])('%j ends with one line on stderr and a code', (args, code, message) => {
    const { stdout, stderr, status } = replay(...args)
    expect(stdout).toBe('')
    expect(stderr).toContain(`hotset: ${message}`)
    expect(status).toBe(code)
    expect(existsSync('/nowhere')).toBe(false)
  })

  it('is a lifetime where the trace has no times', () => {
    const { stderr, status } = replay(join(folder, 'some.keys'), '--sizes', '1%', '--ttl', '1m')
    expect(stderr).toContain('needs a trace with times')
    expect(status).toBe(2)
  })
})
