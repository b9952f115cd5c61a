/** The real Redis Cluster of the tiers' tests: it serves, and replaces a master that is killed. */
import { createCluster } from 'redis'
import { expect, it } from 'vitest'
import { startCluster } from './redis-cluster.js'
import { PATIENTLY } from './wait-until.js'

it('serves keys of all shards, each from the node that is said to be its master', async () => {
  const cluster = await startCluster()
  const client = createCluster({ rootNodes: cluster.urls.slice(0, 2).map((url) => ({ url })) })
  client.on('error', () => {})
  await client.connect()
  const ports = new Set<number>()
  for (let index = 0; index < 30; index++) {
    const key = `key:${index}`
    await client.set(key, `${index}`)
    const master = await cluster.masterOf(key)
    expect(await master.run('GET', key)).toBe(`${index}`)
    ports.add(master.port)
  }
  expect(ports.size).toBe(3)
  client.destroy()
})

it('replaces a master that is killed by its replica, which has its data', async () => {
  const cluster = await startCluster()
  const before = await cluster.masterOf('a')
  await before.run('SET', 'a', '1')
  await before.run('WAIT', '1', '0')
  const killed = await cluster.killMaster(await cluster.shardOf('a'))
  expect(killed).toBe(before)
  const successor = await cluster.waitForFailover(killed)
  expect(successor).toBe(await cluster.masterOf('a'))
  expect(await successor.run('GET', 'a')).toBe('1')
  for (const node of cluster.nodes.filter((node) => node !== killed))
    expect(await node.run('CLUSTER', 'INFO')).toContain('cluster_state:ok')
  await killed.start()
  await expect.poll(() => killed.run('ROLE'), PATIENTLY).toContain('slave')
})
