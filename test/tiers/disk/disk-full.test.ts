/** A disk without room: where the tests may mount one, a real one of 2 MB; and a limit on what a process may write. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleDiskTier, type DiskBundle, scriptPath } from './disk-bundle.js'

const folder = mkdtempSync(join(tmpdir(), 'hotset-full-'))
const isMounted = mount()
let bundle: DiskBundle

beforeAll(async () => {
  bundle = await bundleDiskTier()
})

afterAll(() => {
  if (isMounted) execFileSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  bundle.dispose()
})

function mount(): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0
}

/** How the filler is run: on the mounted disk, and with files of at most 1 MB (in blocks of 1 kb). */
const ways: [string, string, string][] = [['a limit on files', 'limited.lmdb', 'ulimit -f 1024; ']]
if (isMounted) ways.push(['a disk of 2 MB', 'mounted.lmdb', ''])

it.each(ways)(
  'refuses entries while there is no room, makes some, and reads on: %s',
  (_, name, limit) => {
    const path = join(folder, name)
    const command = `${limit}exec "$0" "$@"`
    const args = [process.execPath, scriptPath('filler.mjs'), bundle.path, path]
    const { stdout, stderr, status } = spawnSync('bash', ['-c', command, ...args], {
      encoding: 'utf8',
    })
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(result).toMatchObject({ rejected: 0, wrong: 0, problems: ['full'] })
    expect(result.refused).toBeGreaterThan(0)
    expect(result.storedAfterRefusal).toBeGreaterThan(result.refused)
    expect(result.found).toBeGreaterThan(100)
    rmSync(path)
  },
  60_000,
)
