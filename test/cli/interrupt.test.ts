/**
 * Ctrl-C, as a real signal to a real process, on a trace that has no end in sight. Nothing is timed:
 * a signal is sent once the process has said that it is where the test wants it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleCommand } from '../support/bundled-command.js'

const TIMEOUT_MS = 60_000
const GIB = 1024 ** 3
const KEY_BYTES = 4
const ENDLESS_BYTES = 64 * GIB

vi.setConfig({ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS })

let folder = ''
let endless = ''

beforeAll(async () => {
  folder = await bundleCommand()
  endless = join(folder, 'zeros.u32be')
  const file = openSync(endless, 'w')
  // A hole: 16 billion accesses that take no room on the disk.
  ftruncateSync(file, ENDLESS_BYTES)
  closeSync(file)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** @param onStderr gets all that has been written to stderr so far */
function replay(
  args: string[],
  onStderr: (text: string, child: ChildProcess) => void,
  nodeOptions = '',
): Promise<Ended> {
  const child = spawn(process.execPath, [join(folder, 'main.js'), 'replay', ...args], {
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
    onStderr(stderr, child)
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** Sends the signal once, when stderr says so. */
function interruptAt(sign: string): (text: string, child: ChildProcess) => void {
  let isSent = false
  return (text, child) => {
    if (isSent || !text.includes(sign)) return
    isSent = true
    child.kill('SIGINT')
  }
}

describe('the first Ctrl-C', () => {
  it('shows what there is as JSON, marked as partial, and ends with code 130', async () => {
    const args = ['--json', '--progress', endless]
    const { code, stdout, stderr } = await replay(args, interruptAt('hotset 1/2: '))
    expect(stderr).toContain('Stopping: ')
    expect(code).toBe(130)
    const { partial, trace, results } = JSON.parse(stdout)
    expect(partial).toBe(true)
    expect(results.hotset).toMatchObject({ complete: false, wrongValues: 0 })
    expect(results.hotset.accesses).toBeGreaterThan(0)
    expect(results.hotset.accesses).toBeLessThan(ENDLESS_BYTES / KEY_BYTES)
    expect(results.hotset.hits).toBe(results.hotset.accesses - 1)
    expect(results['lru-cache']).toEqual({ implementation: 'lru-cache', missing: true })
    expect(trace.accesses).toBe(results.hotset.accesses)
  })

  it('says below the table which pass had how much, and which had not begun', async () => {
    const { code, stdout } = await replay(['--progress', endless], interruptAt('hotset 1/2: '))
    expect(code).toBe(130)
    expect(stdout).toMatch(/zeros\.u32be: the first [\d,]+ accesses; 64 MiB each/)
    expect(stdout).toMatch(/hit ratio +│ +\d+\.\d+% │ +- │/)
    expect(stdout).toMatch(
      /Interrupted: hotset replayed the first [\d,]+ accesses; lru-cache had not begun\.\n/,
    )
  })

  it('does the same with several threads', async () => {
    const args = ['--threads=2', '--json', '--progress', endless]
    const { code, stdout } = await replay(args, interruptAt('hotset 1/2: '))
    expect(code).toBe(130)
    const { partial, results } = JSON.parse(stdout)
    expect(partial).toBe(true)
    expect(results.hotset).toMatchObject({ complete: false, wrongValues: 0 })
    expect(results.hotset.hits).toBeGreaterThan(0)
  })
})

describe('the second Ctrl-C', () => {
  it('ends the command at once, without a report, though a pass does not stop', async () => {
    const stuck = join(folder, 'stuck.cjs')
    writeFileSync(
      stuck,
      `const { workerData } = require('node:worker_threads')
       if (workerData?.implementation !== undefined) {
         require('node:fs').writeSync(2, 'a pass is stuck')
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
       }`,
    )
    const first = interruptAt('a pass is stuck')
    const second = interruptAt('Stopping: ')
    const ended = await replay(
      [endless],
      (text, child) => {
        first(text, child)
        second(text, child)
      },
      `--require=${stuck}`,
    )
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT', stdout: '' })
  })
})
