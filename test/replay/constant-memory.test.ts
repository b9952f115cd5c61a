/**
 * Reading a trace takes as much memory at its end as at its beginning: a key that a cache keeps holds
 * nothing but itself, not the chunk of the file that it came from.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AccessBlock } from '../../src/replay/access.js'
import { parseColumns } from '../../src/replay/formats/column-layout.js'
import { formatNamed, settleOptions } from '../../src/replay/formats/index.js'
import { usedHeapBytes } from '../../src/replay/heap.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'

const MIB = 1024 * 1024
const CHUNKS = 250
const CHUNK_LINES = 1000
/** The keys and what the test itself takes; the chunks they are of are several times that. */
const MAX_GROWTH_BYTES = 2 * MIB

const folder = mkdtempSync(join(tmpdir(), 'hotset-memory-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const LINES: Record<string, (id: number) => string> = {
  keys: (id) => `a/key/that/is/longer/than/short/strings/${id}`,
  columns: (id) => `1000,a/key/that/is/longer/than/short/strings/${id},300`,
  'access-log': (id) =>
    `::1 - - [10/Oct/2000:13:55:36 +0000] "GET /a/key/of/some/length/${id} HTTP/1.1" 200 10`,
  twitter: (id) => `1000,a_key_of_some_length_${id},24,300,7,get,0`,
  lirs: (id) => String(1e9 + id),
  arc: (id) => `${1e9 + id} 1 0 0`,
}

/** Reads the same chunk again and again, and keeps the first key of each. */
function readChunks(format: string, chunk: Buffer): string[] {
  const found = formatNamed(format)
  if (found === undefined) throw new Error(`no format ${format}`)
  const columns = format === 'columns' ? parseColumns('time,key,size', '--columns') : undefined
  const options = settleOptions(found, 'file', chunk, { columns })
  const parser = found.createParser(options, {
    broken: (line, reason) => expect.unreachable(`${line}: ${reason}`),
    skipped: () => {},
  })
  const block = new AccessBlock()
  const kept: string[] = []
  for (let turn = 0; turn < CHUNKS; turn++) {
    block.length = 0
    for (let offset = 0; offset < chunk.length; ) {
      offset = parser.read(chunk, offset, block)
    }
    kept.push(block.keys[0])
  }
  return kept
}

describe('a key that is kept', () => {
  for (const [format, line] of Object.entries(LINES)) {
    it(`holds no more than itself when it came from ${format}`, async () => {
      const lines = Array.from({ length: CHUNK_LINES }, (_, index) => `${line(index)}\n`)
      const chunk = Buffer.from(lines.join(''))
      const before = await usedHeapBytes()
      const kept = readChunks(format, chunk)
      expect((await usedHeapBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES)
      expect(kept).toHaveLength(CHUNKS)
    })
  }
})

it('keys that are told apart by their file take what their characters take', async () => {
  const count = 50_000
  const long = join(folder, 'long.keys')
  writeFileSync(long, Array.from({ length: count }, (_, id) => `a/key/of/${1e9 + id}`).join('\n'))
  const other = join(folder, 'other.lirs')
  writeFileSync(other, '1\n')
  const files = await describeFiles([long, other], undefined, {})
  const before = await usedHeapBytes()
  const table = new Map<string, number>()
  for await (const block of new FileTrace(files).blocks()) {
    for (let index = 0; index < block.length; index++) table.set(block.keys[index], index)
  }
  const keyBytes = ((await usedHeapBytes()) - before) / table.size
  expect(table.size).toBe(count + 1)
  expect(table.has('keys:a/key/of/1000000000')).toBe(true)
  // 16 and 24 of the string, 32 to 64 of the table; a string of two parts takes 32 and the parts more.
  expect(keyBytes).toBeLessThan(95)
})
