/**
 * A real Redis Cluster of a test's own: masters with the slots in even ranges, and replicas in sync.
 *
 * 1. Shard `index` is the one that has had the `index`-th range of slots from the start; which node is its
 *    master changes with every failover.
 * 2. A node that does not answer for NODE_TIMEOUT_MS is taken for dead, and replaced about a second later.
 * 3. Every node ends as a RedisInstance does: with the test, and with the process.
 */

import { RedisInstance } from './redis-instance.js'
import { BUS_OFFSET } from './restartable-port.js'
import { waitUntil } from './wait-until.js'

const SLOT_COUNT = 16_384
const NODE_TIMEOUT_MS = 1_000

export interface ClusterOptions {
  /** At least 3, as most of them have to agree that one is dead. Default: 3. */
  masters?: number
  /** For each master. Default: 1. */
  replicas?: number
}

/** A line of CLUSTER NODES. */
interface NodeView {
  id: string
  port: number
  flags: string[]
  /** The first slot of each of its ranges. */
  firstSlots: number[]
}

export class RedisCluster {
  /** The first masters in the order of their shards, and then a replica of each in that order, and so on. */
  readonly nodes: readonly RedisInstance[]
  readonly #masterCount: number

  constructor(nodes: readonly RedisInstance[], masterCount: number) {
    this.nodes = nodes
    this.#masterCount = masterCount
  }

  /** For a client's `rootNodes`. */
  get urls(): string[] {
    return this.nodes.map((node) => node.url)
  }

  /** The index of the shard that has the key. */
  async shardOf(key: string): Promise<number> {
    const slot = (await this.#anyLive().run('CLUSTER', 'KEYSLOT', key)) as number
    return Math.floor((slot * this.#masterCount) / SLOT_COUNT)
  }

  /** The node that the others take for the master of the key's shard. */
  async masterOf(key: string): Promise<RedisInstance> {
    return this.master(await this.shardOf(key))
  }

  /** The master of a shard, as a live node sees it. */
  async master(index: number): Promise<RedisInstance> {
    const port = await masterPort(this.#anyLive(), this.#firstSlot(index))
    const master = this.nodes.find((node) => node.port === port)
    if (master === undefined) throw new Error(`no master of shard ${index}`)
    return master
  }

  /** Kills the master of a shard, and returns it: `start` brings it back, as a replica of its successor. */
  async killMaster(index: number): Promise<RedisInstance> {
    const master = await this.master(index)
    await master.kill()
    return master
  }

  /**
   * Resolves with the new master when all nodes that answer know it, and serve all slots again. The old one
   * may be paused instead of killed.
   */
  async waitForFailover(old: RedisInstance): Promise<RedisInstance> {
    const shard = this.nodes.indexOf(old) % this.#masterCount
    await waitUntil(`the node on port ${old.port} is replaced`, async () => {
      if ((await this.master(shard)) === old) return false
      await this.#expectAgreement()
      return true
    })
    return this.master(shard)
  }

  /** Resolves when every live node serves all slots, under the same masters, with its replicas in sync. */
  async waitUntilStable(): Promise<void> {
    await waitUntil('the cluster is stable', async () => {
      await this.#expectAgreement()
      return true
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #expectAgreement(): Promise<void> {
    const live = this.nodes.filter((node) => node.isAnswering)
    const views = await Promise.all(
      live.map((node) =>
        Promise.all(this.#shards().map((i) => masterPort(node, this.#firstSlot(i)))),
      ),
    )
    if (new Set(views.map(String)).size > 1) throw new Error(`views differ: ${views.join(' | ')}`)
    await Promise.all(live.map(expectInOrder))
  }

  #shards(): number[] {
    return Array.from({ length: this.#masterCount }, (_, index) => index)
  }

  #firstSlot(index: number): number {
    return firstSlot(index, this.#masterCount)
  }

  #anyLive(): RedisInstance {
    const live = this.nodes.find((node) => node.isAnswering)
    if (live === undefined) throw new Error('no node of the cluster runs')
    return live
  }
}

export async function startCluster({
  masters = 3,
  replicas = 1,
}: ClusterOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: masters * (1 + replicas) }, () => startNode()),
  )
  await Promise.all(
    nodes.slice(0, masters).map(async (node, index) => {
      const range = [firstSlot(index, masters), firstSlot(index + 1, masters) - 1]
      await node.run('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
      await node.run('CLUSTER', 'ADDSLOTSRANGE', ...range.map(String))
    }),
  )
  await meet(nodes)
  await Promise.all(
    nodes.slice(masters).map(async (node, index) => {
      const master = nodes[index % masters]
      await node.run('CLUSTER', 'REPLICATE', (await master.run('CLUSTER', 'MYID')) as string)
    }),
  )
  const cluster = new RedisCluster(nodes, masters)
  await waitUntil('every master has its replicas in sync', async () => {
    const counts = await Promise.all(nodes.slice(0, masters).map(countSyncedReplicas))
    return counts.every((count) => count === replicas)
  })
  await cluster.waitUntilStable()
  return cluster
}

function startNode(): Promise<RedisInstance> {
  return RedisInstance.launch({
    argsFor: (port, folder) => [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--cluster-enabled', 'yes', '--cluster-port', `${port + BUS_OFFSET}`],
      ...['--cluster-node-timeout', `${NODE_TIMEOUT_MS}`],
      // Why: the replica of a test is to take over, however long it was without its master.
      ...['--cluster-replica-validity-factor', '0'],
      // Why: otherwise a master waits 5 seconds for more replicas to sync.
      ...['--repl-diskless-sync-delay', '0'],
    ],
  })
}

/** Everyone with everyone, not one with all. Why: nobody has to wait for gossip. */
async function meet(nodes: readonly RedisInstance[]): Promise<void> {
  await Promise.all(
    nodes.map(async (node, index) => {
      for (const other of nodes.slice(index + 1))
        await node.run(
          'CLUSTER',
          'MEET',
          '127.0.0.1',
          `${other.port}`,
          `${other.port + BUS_OFFSET}`,
        )
    }),
  )
  await waitUntil('all nodes of the cluster know each other', async () => {
    const views = await Promise.all(nodes.map(viewOf))
    return views.every(
      (view) =>
        view.length === nodes.length && view.every(({ flags }) => !flags.includes('handshake')),
    )
  })
}

function firstSlot(index: number, masterCount: number): number {
  return Math.ceil((index * SLOT_COUNT) / masterCount)
}

async function viewOf(node: RedisInstance): Promise<NodeView[]> {
  const lines = ((await node.run('CLUSTER', 'NODES')) as string).trim().split('\n')
  return lines.map((line) => {
    const [id, address, flags, , , , , , ...slots] = line.split(' ')
    return {
      id,
      port: Number(/:(\d+)@/.exec(address)?.[1]),
      flags: flags.split(','),
      firstSlots: slots.map((range) => Number.parseInt(range, 10)),
    }
  })
}

/** Whom this node takes for the master of the slot, dead or alive; undefined: nobody has it. */
async function masterPort(node: RedisInstance, slot: number): Promise<number | undefined> {
  const view = await viewOf(node)
  return view.find(({ firstSlots }) => firstSlots.includes(slot))?.port
}

async function countSyncedReplicas(master: RedisInstance): Promise<number> {
  const info = (await master.run('INFO', 'replication')) as string
  return info.match(/^slave\d+:.*state=online/gm)?.length ?? 0
}

/** That it serves all slots; and if it is a replica, that it has what its master has. */
async function expectInOrder(node: RedisInstance): Promise<void> {
  const info = `${await node.run('CLUSTER', 'INFO')}${await node.run('INFO', 'replication')}`
  if (!info.includes('cluster_state:ok')) throw new Error(`port ${node.port} is not ok`)
  if (info.includes('master_link_status:down')) throw new Error(`port ${node.port} is not in sync`)
}
