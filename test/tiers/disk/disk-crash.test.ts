/** Processes on one file: killed in the middle of their writes, and two at a time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundleDiskTier, type DiskBundle, scriptPath } from './disk-bundle.js'
import { keysOf, textOf, Workshop } from './disk-helpers.js'

const KILLS = 10
let bundle: DiskBundle
let workshop: Workshop
const children: ChildProcess[] = []

beforeAll(async () => {
  bundle = await bundleDiskTier()
})

beforeEach(() => {
  workshop = new Workshop()
  workshop.host.clock.time = Date.now()
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await workshop.dispose()
})

afterAll(() => bundle.dispose())

/** What a writer said of a key: what it asked for after what was acknowledged last. */
interface Said {
  readonly asked: Map<string, string[]>
  readonly stored: Map<string, string>
  readonly others: string[]
}

class Writer {
  readonly #child: ChildProcess
  readonly #said: Said
  readonly #lines: Promise<void>
  count = 0

  constructor(round: string, said: Said) {
    this.#said = said
    const args = [scriptPath('writer.mjs'), bundle.path, workshop.path, round]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(this.#child)
    this.#lines = this.#listen()
  }

  async kill(): Promise<void> {
    const end = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await Promise.all([end, this.#lines])
  }

  async #listen(): Promise<void> {
    const { stdout } = this.#child
    if (stdout === null) return
    for await (const line of createInterface({ input: stdout })) this.#hear(line)
  }

  #hear(line: string): void {
    const [what, key, text] = line.split(' ')
    const { asked, stored, others } = this.#said
    if (what === 'asked') asked.set(key, [...(asked.get(key) ?? []), text])
    else if (what === 'stored') {
      this.count++
      stored.set(key, text)
      const list = asked.get(key) ?? []
      asked.set(key, list.slice(list.indexOf(text) + 1))
    } else if (what !== 'open') others.push(line)
  }
}

it('has whole entries only, acknowledged ones or under way, after ten kills', async () => {
  const said: Said = { asked: new Map(), stored: new Map(), others: [] }
  for (let round = 0; round < KILLS; round++) {
    const writer = new Writer(String(round), said)
    await expect.poll(() => writer.count, { timeout: 10_000 }).toBeGreaterThan(300 + 37 * round)
    await writer.kill()

    const tier = await workshop.open()
    for (const [key, text] of said.stored) {
      const found = (await textOf(tier, key))?.trimEnd()
      const possible = [text, ...(said.asked.get(key) ?? [])]
      expect(possible).toContain(found)
      // From now on that is what is there.
      said.stored.set(key, found ?? '')
      said.asked.set(key, [])
    }
    await tier.close()
  }
  expect(workshop.host.problems).toEqual([])
  expect(said.others).toEqual([])
}, 60_000)

it('is read and written by several processes at a time', async () => {
  const said: Said = { asked: new Map(), stored: new Map(), others: [] }
  const writer = new Writer('other', said)
  await expect.poll(() => writer.count, { timeout: 10_000 }).toBeGreaterThan(300)

  // It is opened, and looked at, while the other writes.
  const tier = await workshop.open()
  for (let index = 0; index < 300; index++) {
    expect(await tier.set(`mine:${index}`, workshop.entry(`${index}`))).toBe(true)
    expect(await textOf(tier, `mine:${index}`)).toBe(`${index}`)
  }
  await tier.invalidateTags(['tag'], false)
  const before = writer.count
  await expect.poll(() => writer.count, { timeout: 10_000 }).toBeGreaterThan(before + 300)
  await writer.kill()

  for (const [key, text] of said.stored) {
    const found = (await textOf(tier, key))?.trimEnd()
    expect([text, ...(said.asked.get(key) ?? [])]).toContain(found)
  }
  expect((await keysOf(tier, 'mine:')).length).toBe(300)
  expect(workshop.host.problems).toEqual([])
  expect(said.others).toEqual([])
}, 60_000)

it('refuses a load where another process changed the key meanwhile', async () => {
  const said: Said = { asked: new Map(), stored: new Map(), others: [] }
  const tier = await workshop.open()
  const seen = await tier.get('key:1')
  const writer = new Writer('other', said)
  await expect.poll(() => writer.count, { timeout: 10_000 }).toBeGreaterThan(100)
  await writer.kill()
  expect(await tier.set('key:1', workshop.entry('old'), { ifUnchanged: seen })).toBe(false)
})
