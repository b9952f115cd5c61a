/**
 * A real master with its replica, and three sentinels that watch over them, of a test's own.
 *
 * 1. Two sentinels have to agree that the master is gone, when it has not answered for DOWN_AFTER_MS; the
 *    replica is the master a second or two later.
 * 2. Every server ends as a RedisInstance does: with the test, and with the process.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RedisInstance, startRedis } from './redis-instance.js'
import { waitUntil } from './wait-until.js'

const MASTER_NAME = 'hotset'
const SENTINEL_COUNT = 3
const QUORUM = 2
const DOWN_AFTER_MS = 500
/** Before a failover that did not succeed is tried again. */
const FAILOVER_TIMEOUT_MS = 2_000

export class SentinelGroup {
  readonly masterName = MASTER_NAME
  readonly sentinels: readonly RedisInstance[]
  /** The first master, and its replica. */
  readonly servers: readonly RedisInstance[]

  constructor(sentinels: readonly RedisInstance[], servers: readonly RedisInstance[]) {
    this.sentinels = sentinels
    this.servers = servers
  }

  /** For a client's `sentinelRootNodes`. */
  get rootNodes(): { host: string; port: number }[] {
    return this.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  /** The server that the sentinels name; rejects while they name different ones. */
  async master(): Promise<RedisInstance> {
    const asked = this.sentinels.filter((sentinel) => sentinel.isAnswering)
    const ports = await Promise.all(asked.map(masterPort))
    const master = this.servers.find(({ port }) => port === ports[0])
    if (master === undefined || new Set(ports).size > 1)
      throw new Error(`the sentinels name ${ports.join(', ')}`)
    return master
  }

  /** Kills the master, and returns it: `start` brings it back, as a replica about ten seconds later. */
  async killMaster(): Promise<RedisInstance> {
    const master = await this.master()
    await master.kill()
    return master
  }

  /** Resolves with the new master when all sentinels name it, and it takes writes. */
  async waitForFailover(old: RedisInstance): Promise<RedisInstance> {
    await waitUntil(`the master on port ${old.port} is replaced`, async () => {
      const master = await this.master()
      return master !== old && (await roleOf(master)) === 'master'
    })
    return this.master()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

export async function startSentinel(): Promise<SentinelGroup> {
  const master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] })
  // Why before the sentinels: they ask a master for its replicas at once, and then in ten seconds.
  await waitUntil('the replica is in sync', async () => {
    return ((await master.run('INFO', 'replication')) as string).includes('state=online')
  })
  const sentinels = await Promise.all(
    Array.from({ length: SENTINEL_COUNT }, () => launchSentinel(master.port)),
  )
  await waitUntil('the sentinels know each other, and the replica', async () => {
    const known = await Promise.all(sentinels.map(viewOf))
    return known.every(
      (view) =>
        view.get('num-other-sentinels') === `${SENTINEL_COUNT - 1}` &&
        view.get('num-slaves') === '1',
    )
  })
  return new SentinelGroup(sentinels, [master, replica])
}

function launchSentinel(masterPort: number): Promise<RedisInstance> {
  return RedisInstance.launch({
    ready: '+monitor master',
    argsFor: async (port, folder) => {
      // Why a file: a sentinel writes what it has learned into it.
      const path = join(folder, 'sentinel.conf')
      await writeFile(path, settings(port, folder, masterPort))
      return [path, '--sentinel']
    },
  })
}

function settings(port: number, folder: string, masterPort: number): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
    '',
  ].join('\n')
}

async function masterPort(sentinel: RedisInstance): Promise<number> {
  const [, port] = (await sentinel.run(
    'SENTINEL',
    'get-master-addr-by-name',
    MASTER_NAME,
  )) as string[]
  return Number(port)
}

/** What a sentinel knows of the master: names and values in turn. */
async function viewOf(sentinel: RedisInstance): Promise<Map<string, string>> {
  const flat = (await sentinel.run('SENTINEL', 'MASTER', MASTER_NAME)) as string[]
  const names = flat.filter((_, index) => index % 2 === 0)
  return new Map(names.map((name, index) => [name, flat[2 * index + 1]]))
}

async function roleOf(server: RedisInstance): Promise<string> {
  const [role] = (await server.run('ROLE')) as string[]
  return role
}
