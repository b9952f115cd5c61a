/** A process that writes behind is killed again and again: nothing that it acknowledged is lost, nor goes backwards. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import { JournalFolder } from './store-helpers.js'
import { LogStore } from './workers/log-store.mjs'

const CHILD = fileURLToPath(new URL('workers/write-behind-child.mjs', import.meta.url))
const KILLS = 50
/** More numbers than a child gets to. */
const NUMBERS_EACH = 1_000_000
const MAX_LIFE_MS = 120

let folder: JournalFolder
let child: ChildProcess | undefined
beforeEach(() => {
  folder = new JournalFolder()
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await folder.clean()
})

/** Resolves when the child has been killed at some moment after it began to write. */
async function runAndKill(
  args: string[],
  onAcknowledged: (key: string, value: number) => void,
): Promise<void> {
  child = fork(CHILD, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const opened = Promise.race([once(child, 'message'), exited])
  child.on('message', (message) => {
    if (Array.isArray(message)) onAcknowledged(message[0], message[1])
  })
  await opened
  await pause(Math.random() * MAX_LIFE_MS)
  child.kill('SIGKILL')
  const [, killedBy] = await exited
  expect(killedBy).toBe('SIGKILL')
}

it(`a process killed ${KILLS} times loses no acknowledged write, and no key goes backwards`, async () => {
  const journal = folder.journal()
  const log = `${folder.path}/store.log`
  const acknowledged = new Map<string, number>()
  let count = 0
  for (let kill = 0; kill < KILLS; kill++) {
    await runAndKill([journal, log, `${kill * NUMBERS_EACH}`], (key, value) => {
      acknowledged.set(key, value)
      count++
    })
  }
  const store = new LogStore(log)
  const before = [...store.read().values()].flat().length
  const writer = await folder.open(writeBehind<number>(store, { journal }))
  expect(await writer.flush()).toMatchObject({ complete: true, dead: 0 })

  const saved = store.read()
  const lost = [...acknowledged].filter(([key, value]) => (saved.get(key)?.at(-1) ?? -1) < value)
  expect(lost).toEqual([])
  const backwards = [...saved].filter(([, values]) =>
    values.some((value, index) => index > 0 && value < values[index - 1]),
  )
  expect(backwards).toEqual([])
  // The test has tested something: there were writes, and saves before the end.
  expect(count).toBeGreaterThan(KILLS)
  expect(before).toBeGreaterThan(KILLS)
})
