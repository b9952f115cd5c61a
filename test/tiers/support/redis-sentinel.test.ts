/** The real sentinels of the tiers' tests: they name the master, and another one when it is killed. */
import { createSentinel } from 'redis'
import { expect, it } from 'vitest'
import { startSentinel } from './redis-sentinel.js'
import { PATIENTLY } from './wait-until.js'

it('names the replica as the new master when the master is killed, and clients find it', async () => {
  const group = await startSentinel()
  const client = createSentinel({ name: group.masterName, sentinelRootNodes: group.rootNodes })
  client.on('error', () => {})
  await client.connect()
  await client.set('a', '1')
  const [first, second] = group.servers
  expect(await group.master()).toBe(first)
  await first.run('WAIT', '1', '0')

  const killed = await group.killMaster()
  expect(killed).toBe(first)
  expect(await group.waitForFailover(killed)).toBe(second)
  expect(await second.run('GET', 'a')).toBe('1')
  await expect.poll(() => client.set('a', '2').catch(String), PATIENTLY).toBe('OK')
  expect(await second.run('GET', 'a')).toBe('2')
  client.destroy()
})
