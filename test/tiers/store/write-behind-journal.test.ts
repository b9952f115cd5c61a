/** The journal of writeBehind: taken up again, owned by one, never dropped when it is damaged. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open as openLmdb } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WriteBehindWriter } from '../../../src/tiers/store/write-behind.js'
import { writeBehind } from '../../../src/tiers/store/write-behind.js'
import type { WriteBehindOptions } from '../../../src/tiers/store/write-behind-options.js'
import { gate, JournalFolder, MemoryStore, until } from './store-helpers.js'

const CHILD = fileURLToPath(new URL('workers/write-behind-child.mjs', import.meta.url))
const FULL_DISK_CHILD = fileURLToPath(new URL('workers/full-disk-child.mjs', import.meta.url))

let folder: JournalFolder
let child: ChildProcess | undefined
beforeEach(() => {
  folder = new JournalFolder()
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await folder.clean()
})

function open<V>(
  store: MemoryStore<V>,
  journal: string,
  options: Partial<WriteBehindOptions<V>> = {},
): Promise<WriteBehindWriter<V>> {
  const writer = writeBehind<V>(store, {
    journal,
    flushInterval: '1h',
    closeTimeout: 1,
    retry: { minDelay: '1h', maxDelay: '1h' },
    ...options,
  })
  return folder.open(writer)
}

/** A journal with three pending keys, of a writer that has left. */
async function leavePending(): Promise<string> {
  const journal = folder.journal()
  const away = new MemoryStore<number>()
  away.refuse = () => {
    throw new Error('away')
  }
  const writer = await open(away, journal)
  for (const value of [1, 2, 3]) await writer.save(`k${value % 2}`, value)
  await writer.remove('k5')
  await writer.close()
  return journal
}

describe('what is pending at the end of a writer', () => {
  it('is saved by the next one without another write', async () => {
    const journal = await leavePending()
    const store = new MemoryStore<number>()
    store.values.set('k5', 5)
    await open(store, journal)
    await until(() => store.calls.length === 3)
    await until(() => !store.values.has('k5'))
    expect(Object.fromEntries(store.values)).toEqual({ k0: 2, k1: 3 })
  })

  it('is what the next one answers loads with, before it is saved', async () => {
    const journal = await leavePending()
    const store = new MemoryStore<number>()
    const held = gate()
    store.hold = () => held.opened
    const writer = await open(store, journal)
    expect(writer.pendingValue('k1')).toEqual({ kind: 'save', value: 3 })
    expect(writer.pendingValue('k5')).toEqual({ kind: 'remove' })
    expect(writer.stats()).toMatchObject({ pending: 3 })
    held.open()
    await writer.flush()
  })

  it('keeps its place before later writes of its keys', async () => {
    const journal = await leavePending()
    const store = new MemoryStore<number>()
    const writer = await open(store, journal)
    await writer.save('k1', 4)
    await writer.flush()
    expect(store.values.get('k1')).toBe(4)
    expect(store.saved('k1').at(-1)).toBe(4)
  })

  it('stays in the journal while a call of the store hangs, and close takes bounded time', async () => {
    const journal = folder.journal()
    const hanging = new MemoryStore<number>()
    const held = gate()
    hanging.hold = () => held.opened
    const writer = await open(hanging, journal)
    await writer.save('a', 1)
    await writer.close()
    await expect(open(new MemoryStore<number>(), journal)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_LOCKED',
    })
    held.open()
    await until(() => hanging.values.get('a') === 1)
  })
})

describe('a journal', () => {
  it('has one owner in a process', async () => {
    const journal = folder.journal()
    const first = await open(new MemoryStore<number>(), journal)
    await expect(open(new MemoryStore<number>(), journal)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_LOCKED',
      pid: process.pid,
    })
    await first.save('a', 1)
    await first.close()
    await open(new MemoryStore<number>(), journal)
  })

  it('of another process is refused while that lives, and taken over when it is dead', async () => {
    const journal = folder.journal()
    child = fork(CHILD, [journal, `${folder.path}/log`, '0'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    await expect(open(new MemoryStore<number>(), journal)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_LOCKED',
      pid: child.pid,
    })
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    const writer = await open(new MemoryStore<number>(), journal)
    expect(await writer.flush()).toMatchObject({ complete: true })
  })

  it('that was taken over takes no more writes of the one who had it', async () => {
    const journal = folder.journal()
    const store = new MemoryStore<number>()
    const writer = await open(store, journal)
    await writer.save('a', 1)
    const root = openLmdb({ path: journal, noSubdir: true, overlappingSync: false, maxDbs: 4 })
    const owners = root.openDB({ name: 'owner', encoding: 'json', useVersions: true })
    await owners.put('owner', { id: 'other' }, 1_000)
    await expect(writer.save('a', 2)).rejects.toMatchObject({ code: 'ERR_HOTSET_JOURNAL' })
    expect(await writer.flush({ timeout: 1 })).toMatchObject({ complete: false })
    expect(store.calls).toEqual([])
    await root.close()
  })

  it.each([
    ['cut off', (path: string) => truncateSync(path, statSync(path).size - 4096 * 2)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['of something else', (path: string) => writeFileSync(path, 'no journal')],
    ['of zeros', (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size))],
  ])('that is %s is refused, and left as it is', async (_, damage) => {
    const journal = await leavePending()
    damage(journal)
    const before = readFileSync(journal)
    await expect(open(new MemoryStore<number>(), journal)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_CORRUPT',
    })
    expect(readFileSync(journal).equals(before)).toBe(true)
  })

  it('with one changed byte in a value is refused', async () => {
    const journal = folder.journal()
    const away = new MemoryStore<string>()
    away.refuse = () => {
      throw new Error('away')
    }
    const writer = await open(away, journal)
    await writer.save('a', 'find me here')
    await writer.close()
    const bytes = readFileSync(journal)
    for (let at = bytes.indexOf('find me'); at >= 0; at = bytes.indexOf('find me', at)) {
      bytes[at] ^= 1
    }
    writeFileSync(journal, bytes)
    await expect(open(new MemoryStore<string>(), journal)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL_CORRUPT',
    })
  })

  it('on a disk that is full refuses writes and goes on with what it has', () => {
    const script = 'trap "" XFSZ; ulimit -f 1000; exec "$@"'
    const args = [process.execPath, FULL_DISK_CHILD, folder.journal()]
    const run = spawnSync('sh', ['-c', script, 'sh', ...args], { encoding: 'utf8' })
    const result = JSON.parse(run.stdout)
    expect(result).toMatchObject({ complete: true, missing: [], unhandled: [] })
    expect(result.refusal).toMatchObject({
      code: 'ERR_HOTSET_JOURNAL',
      message: expect.stringContaining('is the disk full?'),
    })
    expect(result.acknowledged).toBeGreaterThan(3)
  })

  it('is not made in an LMDB file of another use', async () => {
    const path = folder.journal()
    const other = openLmdb({ path, noSubdir: true, overlappingSync: false })
    await other.put('something', 1)
    await other.close()
    await expect(open(new MemoryStore<number>(), path)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL',
    })
  })

  it('in a folder that cannot be is an error that says so', async () => {
    const path = `${folder.journal()}/beneath-a-file`
    writeFileSync(path.slice(0, path.lastIndexOf('/')), '')
    await expect(open(new MemoryStore<number>(), path)).rejects.toMatchObject({
      code: 'ERR_HOTSET_JOURNAL',
    })
  })
})
