/** Files: compression, several as one, what is wrong with them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BLOCK_ACCESSES } from '../../src/replay/access.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { bigEndian, type Row, take } from './parse-helpers.js'

// 'alpha\nbeta\ngamma\n', as bzip2, xz and zstd make it.
const BZIP2 = 'QlpoOTFBWSZTWUXdx3oAAANBgAAQMsZEACAAIhoMmhADASi8QIaQb8XckU4UJBF3cd6A'
const XZ =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAQYWxwaGEKYmV0YQpnYW1tYQoAAAAAdGoVx8DqOT8AASkRMgpwDh+2830BAAAAAARZWg=='
const ZSTD = 'KLUv/QRYiQAAYWxwaGEKYmV0YQpnYW1tYQqxLz7t'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotset-trace-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function open(...paths: string[]): Promise<FileTrace> {
  return new FileTrace(await describeFiles(paths, undefined, {}))
}

async function readAll(trace: FileTrace): Promise<Row[]> {
  const rows: Row[] = []
  for await (const block of trace.blocks()) take(block, rows)
  return rows
}

async function keysIn(...paths: string[]): Promise<string[]> {
  return (await readAll(await open(...paths))).map(([key]) => key)
}

describe('compression', () => {
  it.each([
    ['nothing', Buffer.from('alpha\nbeta\ngamma\n')],
    ['gzip', gzipSync('alpha\nbeta\ngamma\n')],
    ['gzip in two members', Buffer.concat([gzipSync('alpha\nbe'), gzipSync('ta\ngamma\n')])],
    ['bzip2', Buffer.from(BZIP2, 'base64')],
    ['xz', Buffer.from(XZ, 'base64')],
    ['zstd', Buffer.from(ZSTD, 'base64')],
  ])('%s is told by the first bytes and taken off', async (name, content) => {
    expect(await keysIn(file(`${name}.txt`, content))).toEqual(['alpha', 'beta', 'gamma'])
  })

  it.each([
    ['gzip', gzipSync('alpha\nbeta\ngamma\n')],
    ['bzip2', Buffer.from(BZIP2, 'base64')],
    ['xz', Buffer.from(XZ, 'base64')],
    ['zstd', Buffer.from(ZSTD, 'base64')],
  ])('%s that is cut off is an error that names the file', async (name, content) => {
    const path = file(`cut.${name}`, content.subarray(0, content.length - 12))
    await expect(keysIn(path)).rejects.toThrow(`Cannot read ${path}`)
  })
})

describe('several files', () => {
  it('are one trace in the order given, and share keys where they have one format', async () => {
    expect(await keysIn(file('1.keys', 'a\nb\n'), file('2.keys', 'a\n'))).toEqual(['a', 'b', 'a'])
  })

  it('of different formats do not share keys', async () => {
    const paths = [file('1.lirs', '7\n'), file('2.u32be', bigEndian(7))]
    expect(await keysIn(...paths)).toEqual(['lirs:7', 'u32be:7'])
  })

  it('make one clock that begins at 1, keeps gaps, and never goes back', async () => {
    const paths = [
      file('1.slt', bigEndian(100, 1, 102, 2, 101, 3)),
      file('2.slt', bigEndian(110, 4)),
      file('3.slt', bigEndian(50, 5, 51, 6)),
    ]
    const trace = await open(...paths)
    const times = (await readAll(trace)).map(([, , timeMs]) => timeMs)
    expect(trace.hasTime).toBe(true)
    expect(times).toEqual([1, 2001, 2001, 10_001, 10_001, 11_001])
  })

  it('report broken lines by file and number, the first five only', async () => {
    const path = file('broken.lirs', '1\nx\n2\n')
    const trace = await open(path, file('worse.lirs', 'a\nb\nc\nd\ne\nf\n'))
    await readAll(trace)
    expect(trace.problems.broken).toBe(7)
    expect(trace.problems.first).toHaveLength(5)
    expect(trace.problems.first[0]).toEqual({ file: path, line: 2, reason: 'not a block number' })
  })
})

describe('a trace', () => {
  it('comes in blocks of bounded size and knows how far it is', async () => {
    const keys = Array.from({ length: BLOCK_ACCESSES + 10 }, (_, index) => `key${index}`)
    const trace = await open(file('long.keys', keys.join('\n')))
    const lengths: number[] = []
    for await (const block of trace.blocks()) lengths.push(block.length)
    expect(lengths).toEqual([BLOCK_ACCESSES, 10])
    expect(trace.progress()).toBe(1)
  })

  it('can be left before its end', async () => {
    const trace = await open(file('left.keys', 'a\n'.repeat(3 * BLOCK_ACCESSES)))
    for await (const block of trace.blocks()) {
      expect(block.length).toBe(BLOCK_ACCESSES)
      break
    }
  })

  it('shortens lifetimes to what a cache takes', async () => {
    const trace = await open(file('ttl', '0,k,1,2,3,set,99999999999\n'))
    const [[, , , ttlMs]] = await readAll(trace)
    expect(ttlMs).toBe(36_525 * 86_400_000)
  })

  it('that is not there, or no file, is an error that says which', async () => {
    await expect(open(join(folder, 'none'))).rejects.toThrow(`Cannot read ${join(folder, 'none')}`)
    await expect(open(folder)).rejects.toThrow('not a file')
  })
})
