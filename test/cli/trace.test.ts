/** `hotset trace` as it is called: a process of its own, its output and its exit code. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { parse } from '../replay/parse-helpers.js'
import { bundleCommand } from '../support/bundled-command.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder = ''

beforeAll(async () => {
  folder = await bundleCommand()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function hotset(...args: string[]) {
  return spawnSync(process.execPath, [join(folder, 'main.js'), ...args], { maxBuffer: 2 ** 28 })
}

it('writes a trace to stdout, and the same one compressed to a file', () => {
  const options = ['--requests', '30k', '--scan', '10%x100', '--sizes', '1kb']
  const { stdout, stderr, status } = hotset('trace', ...options)
  expect([stderr.toString(), status]).toEqual(['', 0])
  expect(parse('hst', stdout).rows).toHaveLength(30_000)
  const path = join(folder, 'made.hst.gz')
  expect(hotset('trace', ...options, '-o', path).status).toBe(0)
  expect(gunzipSync(readFileSync(path)).equals(stdout)).toBe(true)
  const { stdout: report } = hotset('replay', '--json', '--size', '1000', '--limit', '5000', path)
  expect(JSON.parse(report.toString()).trace).toMatchObject({
    files: [{ path, format: 'hst' }],
    accesses: 5000,
    readBytes: 5000 * 1024,
  })
})

it('ends without an error where the reader has enough', async () => {
  const command = spawn(process.execPath, [join(folder, 'main.js'), 'trace', '--requests', '1e10'])
  let errors = ''
  command.stderr.on('data', (text) => {
    errors += text
  })
  command.stdout.once('data', () => command.stdout.destroy())
  const code = await new Promise((resolve) => command.once('exit', resolve))
  expect([code, errors]).toEqual([0, ''])
})

it('explains itself, in lines of at most 100 characters', () => {
  const { stdout, status } = hotset('trace', '--help')
  expect(status).toBe(0)
  const text = stdout.toString()
  for (const option of ['--zipf', '--scan', '--loop', '--drift', '--sizes', '--phase', '--seed']) {
    expect(text).toContain(option)
  }
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

it.each([
  [['--zipf', 'x'], 2, "hotset: Option '--zipf' cannot be 'x'"],
  [['-o', '/nowhere/at/all.hst'], 1, 'hotset: Cannot write /nowhere/at/all.hst: ENOENT'],
])('%j ends with a message and a code', (args, code, message) => {
  const { stdout, stderr, status } = hotset('trace', ...args)
  expect(stdout.toString()).toBe('')
  expect(stderr.toString()).toContain(message)
  expect(stderr.toString()).not.toContain('    at ')
  expect(status).toBe(code)
  expect(existsSync('/nowhere')).toBe(false)
})
