/** Disk tiers on files of their own whose rows a test can read and change, through lmdb, while the tier has them open. */
import { type Database, open, type RootDatabase } from 'lmdb'
import { expect } from 'vitest'
import type { DiskTier } from '../../../src/tiers/disk/disk-tier.js'
import type { DiskTierOptions } from '../../../src/tiers/disk/options.js'
import { Workshop } from './disk-helpers.js'

export const NAMES = ['ledger', 'entries', 'tags', 'voids', 'on', 'by'] as const
export type Name = (typeof NAMES)[number]

/**
 * The rows of a file, as lmdb has them. To be opened while no tier has it: to open a database waits for the writes of
 * others with the whole thread.
 */
export class Rows {
  readonly #root: RootDatabase
  readonly #databases: Record<Name, Database<Buffer, Buffer>>

  constructor(path: string) {
    this.#root = open({ path, noSubdir: true, maxDbs: 8 })
    const entries = NAMES.map((name) => [
      name,
      this.#root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }),
    ])
    this.#databases = Object.fromEntries(entries)
  }

  all(name: Name): { key: Buffer; value: Buffer }[] {
    return Array.from(this.#databases[name].getRange(), ({ key, value }) => ({
      key: Buffer.from(key),
      value: Buffer.from(value),
    }))
  }

  /** Changes a bit of the n-th byte of the only row. */
  async flip(name: Name, at: number): Promise<void> {
    const { key, value } = this.#only(name)
    expect(value.length).toBeGreaterThan(at)
    value[at] ^= 1 << (at % 8)
    await this.#databases[name].put(key, value)
  }

  /** Puts another row in the place of the only one. */
  async replace(name: Name, change: (key: Buffer, value: Buffer) => Buffer): Promise<void> {
    const { key, value } = this.#only(name)
    await this.#databases[name].put(key, change(key, value))
  }

  async flipKey(name: Name, at: number): Promise<void> {
    const { key, value } = this.#only(name)
    await this.#databases[name].remove(key)
    key[at] ^= 1
    await this.#databases[name].put(key, value)
  }

  close(): Promise<void> {
    return this.#root.close()
  }

  #only(name: Name): { key: Buffer; value: Buffer } {
    const rows = this.all(name)
    expect(rows.length).toBe(1)
    return rows[0]
  }
}

/** A tier on a file of its own, and the rows of that file. */
export interface Case {
  readonly workshop: Workshop
  readonly tier: DiskTier
  readonly rows: Rows
}

const cases: Case[] = []

/** To be called after each test. */
export async function endCases(): Promise<void> {
  const ended = cases.splice(0).map(async ({ workshop, rows }) => {
    await workshop.dispose()
    await rows.close()
  })
  await Promise.all(ended)
}

export async function begin(options: Partial<DiskTierOptions> = {}): Promise<Case> {
  const workshop = new Workshop()
  await (await workshop.open()).close()
  const rows = new Rows(workshop.path)
  const begun = { workshop, tier: await workshop.open(options), rows }
  cases.push(begun)
  return begun
}

/** Runs a test for each byte of a row, on as many files at a time. */
export async function forEachByte(
  length: number,
  run: (each: Case, at: number) => Promise<void>,
  options: Partial<DiskTierOptions> = {},
): Promise<void> {
  const each = Array.from({ length }, async (_, at) => run(await begin(options), at))
  await Promise.all(each)
}
