/** When the owner of a journal counts as alive. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import {
  describeSelf,
  isAlive,
  LEASE_MS,
  type Owner,
} from '../../../src/tiers/store/journal/owner.js'

const NOW = 1_700_000_000_000
const self = describeSelf(NOW)
/** Of a process that has ended. */
const { pid: deadPid } = spawnSync(process.execPath, ['-e', ''])

it.each<[string, Partial<Owner>, boolean]>([
  ['another process of this host that runs', { ...beginningOf(process.ppid) }, true],
  ['a process that is gone', { pid: deadPid }, false],
  ['a process whose pid another one has now', { pid: process.ppid, began: 'before/1' }, false],
  ['another writer of this process that renews its claim', {}, true],
  ['another writer of this process that does not', { renewedAt: NOW - LEASE_MS }, false],
  ['a process before this one with the same pid', { began: 'before/1' }, false],
  ['another host that renews its claim', { host: 'elsewhere', pid: deadPid }, true],
  ['another host that does not', { host: 'elsewhere', renewedAt: NOW - LEASE_MS }, false],
  ['a running process of unknown beginning, not renewed', unknown(NOW - LEASE_MS), false],
  ['a running process of unknown beginning, renewed', unknown(NOW), true],
])('%s', (_, differences, expected) => {
  expect(isAlive({ ...self, id: 'other', ...differences }, self)).toBe(expected)
})

function beginningOf(pid: number): Partial<Owner> {
  const other = describeSelf(NOW, pid)
  return { pid, began: other.began, renewedAt: NOW - 10 * LEASE_MS }
}

function unknown(renewedAt: number): Partial<Owner> {
  return { pid: process.ppid, began: '', renewedAt }
}
