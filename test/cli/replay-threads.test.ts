/** `hotset replay --threads` as it is called: what it prints, and how it ends when a thread does. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleCommand } from '../support/bundled-command.js'

const TIMEOUT_MS = 60_000

let folder = ''

beforeAll(async () => {
  folder = await bundleCommand()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function replay(args: string[], nodeOptions = '') {
  return spawnSync(process.execPath, [join(folder, 'main.js'), 'replay', ...args], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
  })
}

/** A module for --require: ends every thread whose request meets the condition. */
function killer(condition: string): string {
  const path = join(folder, 'killer.cjs')
  writeFileSync(
    path,
    `const { workerData } = require('node:worker_threads')
     if (workerData?.gate !== undefined && ${condition}) process.exit(7)`,
  )
  return `--require=${path}`
}

const SMALL = ['--threads', '2', '--limit', '40000', '--size', '2mb']

describe('hotset replay --threads', () => {
  it('shows one hotset beside so many lru-caches, and says what that shows', () => {
    const { stdout, stderr, status } = replay(SMALL)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('40,000 accesses, seed 1; 2 threads; 2 MiB in all on either side')
    expect(stdout).toMatch(/1 hotset \(adaptive\).*2 lru-caches/)
    expect(stdout).toMatch(/loads from the origin +│ +[\d,]+ │ +[\d,]+ │/)
    expect(stdout).toMatch(/per 1,000 accesses +│ +[\d.]+ │ +[\d.]+ │/)
    expect(stdout).toMatch(/\nOne hotset for 2 threads loaded [\d,]+ objects .*% fewer loads, .*\n/)
  })

  it('prints the same accesses for both as JSON, all of them, from files in any compression', () => {
    const path = join(folder, 'some.keys.gz')
    const keys = Array.from({ length: 5001 }, (_, index) => `key:${(index * index) % 701}`)
    writeFileSync(path, gzipSync(keys.join('\n')))
    const { stdout, status } = replay(['--json', '--threads=3', '--size=90', path])
    expect(status).toBe(0)
    const { trace, settings, results, machine } = JSON.parse(stdout)
    expect(trace).toMatchObject({ accesses: 5001, reads: 5001 })
    expect(settings).toMatchObject({ threads: 3, budget: { unit: 'entries', entries: 90 } })
    expect(machine.cores).toBeGreaterThan(0)
    for (const pass of Object.values(results) as Record<string, number>[]) {
      expect(pass).toMatchObject({ accesses: 5001, entries: 90, wrongValues: 0, refused: 0 })
      expect(pass.loads + pass.hits).toBe(5001)
    }
  })

  it('shows what it always showed of one thread', () => {
    const { stdout } = replay(['--threads', '1', '--limit', '20000', '--size', '2mb'])
    expect(stdout).toContain('20,000 accesses, seed 1; 2 MiB each')
    expect(stdout).not.toContain('threads')
    expect(stdout).not.toContain('loads')
  })
})

describe('a thread that ends', () => {
  it('ends its pass with a line that says which it was, and the command with code 1', () => {
    const { stdout, status } = replay(SMALL, killer("workerData.implementation === 'hotset'"))
    expect(status).toBe(1)
    expect(stdout).toMatch(/hotset failed: thread [12] of 2: it ended with code 7\n/)
    expect(stdout).toMatch(/hit ratio +│ +- │ +[\d.]+% │/)
    expect(stdout).not.toContain('One hotset for')
  })
})

describe('a trace that is cut off', () => {
  it('is an error that names the file, and no thread keeps the command from ending', () => {
    const whole = gzipSync(Array.from({ length: 50_000 }, (_, index) => `key:${index}`).join('\n'))
    const path = join(folder, 'cut.keys.gz')
    writeFileSync(path, whole.subarray(0, whole.length - 1000))
    const { stdout, stderr, status } = replay(['--threads', '2', path])
    expect(stdout).toBe('')
    expect(stderr).toBe(`hotset: Cannot read ${path}: unexpected end of file\n`)
    expect(status).toBe(1)
  })
})
