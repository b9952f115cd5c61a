/** Several recordings as one: by time, and with the sizes that only their writes tell. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { blockBytes, TraceBlock } from '../../src/cache/trace/block.js'
import * as layout from '../../src/cache/trace/layout.js'
import { AccessBlock, NO_TTL, READ, UNKNOWN_SIZE, WRITE } from '../../src/replay/access.js'
import { mergeByTime } from '../../src/replay/merge.js'
import { SizeMemory } from '../../src/replay/size-memory.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { type Row, take } from './parse-helpers.js'

/** A source of accesses at these times, in blocks of three. */
async function* sourceOf(name: string, times: readonly number[]): AsyncGenerator<AccessBlock> {
  for (let start = 0; start < times.length; start += 3) {
    const block = new AccessBlock(3)
    for (const time of times.slice(start, start + 3)) {
      block.push(`${name}${time}`, UNKNOWN_SIZE, time, NO_TTL, READ)
    }
    yield block
  }
}

async function merged(...sources: AsyncGenerator<AccessBlock>[]): Promise<string[]> {
  const rows: Row[] = []
  for await (const block of mergeByTime(sources)) take(block, rows)
  return rows.map(([key]) => key)
}

it('puts accesses of all sources into the order of their times, the first source first', async () => {
  expect(
    await merged(sourceOf('a', [1, 4, 4, 9, 10]), sourceOf('b', [2, 4, 5, 5]), sourceOf('c', [])),
  ).toEqual(['a1', 'b2', 'a4', 'a4', 'b4', 'b5', 'b5', 'a9', 'a10'])
})

it('fills blocks of its own, however long the sources are', async () => {
  const times = Array.from({ length: 10_000 }, (_, index) => index)
  expect(await merged(sourceOf('a', times), sourceOf('b', times))).toHaveLength(20_000)
})

it('reads files of several threads as one trace, with the sizes and lifetimes of the writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-merge-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const written = new TraceBlock(blockBytes(layout.KEY_TEXT))
  written.beginAt(layout.HEAD_WRITE | layout.HEAD_SIZE | layout.HEAD_TTL, 5)
  written.putText('x')
  written.putVarint(301)
  written.putVarint(2000)
  const read = new TraceBlock(blockBytes(layout.KEY_TEXT))
  for (const timeMs of [4, 6]) {
    read.beginAt(layout.HEAD_READ, timeMs)
    read.putText('x')
  }
  const paths = [written, read].map((block, thread) => {
    const path = join(folder, `service.${thread}.hst`)
    const kind = { keyKind: layout.KEY_TEXT, keySet: new Uint8Array(8), thread, share: 1 }
    writeFileSync(path, block.close(kind, 0))
    return path
  })

  const trace = new FileTrace(await describeFiles(paths, undefined, {}))
  const rows: Row[] = []
  for await (const block of trace.blocks()) take(block, rows)
  expect(rows).toEqual([
    ['x', UNKNOWN_SIZE, 1, NO_TTL, READ],
    ['x', 300, 2, 2000, WRITE],
    ['x', 300, 3, 2000, READ],
  ])
  expect(trace.progress()).toBe(1)
})

it('remembers the last size of a key, and none of a key that was never written', () => {
  const memory = new SizeMemory()
  const block = new AccessBlock()
  block.push('a', 10, 0, NO_TTL, WRITE)
  block.push('a', 20, 0, 500, WRITE)
  block.push('a', UNKNOWN_SIZE, 0, NO_TTL, READ)
  block.push('b', UNKNOWN_SIZE, 0, NO_TTL, READ)
  memory.complete(block)
  expect([...block.sizeBytes.slice(0, 4)]).toEqual([10, 20, 20, UNKNOWN_SIZE])
  expect(block.ttlMs[2]).toBe(500)
})
