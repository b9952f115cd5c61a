/** Where tests of recording have their files, and what stands in them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { parse, type Row } from '../replay/parse-helpers.js'

/** A folder for one test, and the path in it to record to. */
export function createTraceFolder(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-trace-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, path: join(folder, 'service.hst') }
}

/** What a file holds, all of which has to be sound. */
export function readTrace(file: string): Row[] {
  const { rows, broken } = parse('hst', readFileSync(file))
  expect(broken).toEqual([])
  return rows
}
