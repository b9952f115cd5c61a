/**
 * Two processes with a cache each on one Redis, 100,000 writes and reads, and a Redis that is killed, paused and
 * cut off meanwhile: what each of them did and saw.
 *
 * 1. The second process reaches Redis through a proxy, so that it alone can be cut off without being told.
 * 2. Every fault is over before the next; all of them are over when the processes settle.
 * 3. The seed says at which operations the faults come, and what the operations are; not what meets in time.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { type DelayProxy, startProxy } from '../support/delay-proxy.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import type { Read, Write } from './history-check.js'

export interface Scenario {
  readonly news: 'tracking' | 'pubsub'
  /** Whether there is a disk tier between memory and Redis. */
  readonly disk: boolean
  /** Whether what was in Redis is there again after a restart. */
  readonly appendOnly: boolean
  readonly seed: number
  readonly operations: number
  readonly pingIntervalMs: number
  readonly disconnectedTtlMs: number
}

/** What one process tells. */
interface Told {
  readonly writes: number[][]
  readonly reads: [number, number, number, number, string][]
  readonly told: [number, string, string, number | undefined][]
  readonly stallMs: number
  readonly missed: number
}

export interface History {
  readonly writes: Write[]
  readonly reads: Read[]
  readonly events: [at: number, process: number, name: string][]
  /** Of each process, the longest time in which it did not come to its events. */
  readonly stallMs: readonly number[]
  /** Reads that found nothing. */
  readonly missed: number
}

const PROCESSES = 2
const KEY_COUNT = 600
const HOT_KEY_COUNT = 100
const VERSION_BYTES = 8
const FAULTS = 6
/** By then, as a share of the operations, the last has begun. */
const LAST_FAULT = 0.9
const PAUSED_MS = 3000
const CUT_OFF_MS = 2500
/** After each fault, at the least. */
const QUIET_MS = 400
/** What one round of faults is for, and the least time that it takes. */
const ROUND_OPERATIONS = 100_000
const ROUND_MS = 12_000
/** Of its progress, from each process. */
const REPORTS = 200

export async function runTwoProcesses(scenario: Scenario): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'hotset-coherence-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const originPath = join(folder, 'origin')
  await writeFile(originPath, Buffer.alloc(KEY_COUNT * VERSION_BYTES))
  const redis = await startRedis({ appendOnly: scenario.appendOnly })
  const proxy = await startProxy(redis.port)
  const ownOperations = scenario.operations / PROCESSES
  const faults = planFaults(redis, proxy, scenario.seed, ownOperations)
  const reportEvery = Math.ceil(ownOperations / REPORTS)
  const processes = [redis.url, proxy.url].map((url, index) =>
    startProcess(new URL('workers/reader-writer.mjs', import.meta.url), [
      JSON.stringify({
        ...scenario,
        ...{ process: index, seed: scenario.seed + index, url, originPath, reportEvery },
        diskPath: scenario.disk ? join(folder, `disk-${index}`) : undefined,
        ...{ keyCount: KEY_COUNT, hotKeyCount: HOT_KEY_COUNT },
        operations: ownOperations,
        lastsMs: (scenario.operations / ROUND_OPERATIONS) * ROUND_MS,
        pingInterval: scenario.pingIntervalMs,
        disconnectedTtl: scenario.disconnectedTtlMs,
      }),
    ]),
  )
  await expectAll(processes, 'ready')
  for (const process of processes) process.send('run')
  const events: History['events'] = []
  let begun = 0
  for (const { name, at, downMs, begin, end } of faults) {
    while (begun < at) begun = (await processes[0].next<{ begun: number }>()).begun
    events.push([now(), -1, name])
    await begin()
    await pause(downMs)
    await end()
    events.push([now(), -1, `${name}: over`])
    await pause(QUIET_MS)
  }
  await Promise.all(processes.map(untilRun))
  await step(processes, 'settle')
  await step(processes, 'readAll')
  for (const process of processes) process.send('tell')
  const told = await Promise.all(processes.map((process) => process.next<Told>()))
  return historyOf(told, events)
}

interface Fault {
  readonly name: string
  /** How many operations the first process has begun by then. */
  readonly at: number
  readonly downMs: number
  begin(): unknown
  end(): unknown
}

function planFaults(
  redis: RedisInstance,
  proxy: DelayProxy,
  seed: number,
  operations: number,
): Fault[] {
  let state = seed
  const chance = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
  const rounds = Math.max(1, Math.round((operations * PROCESSES) / ROUND_OPERATIONS))
  let planned = 0
  const plan = (name: string, downMs: number, begin: () => unknown, end: () => unknown): Fault => {
    const at = Math.floor(((planned++ + chance()) / FAULTS / rounds) * operations * LAST_FAULT)
    return { name, at, downMs, begin, end }
  }
  const restart = (downMs: number): Fault =>
    plan(
      'restart',
      downMs,
      () => redis.kill(),
      () => redis.start(),
    )
  const round = (): Fault[] => [
    restart(100),
    plan(
      'connections killed',
      0,
      () => redis.run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
      () => redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    ),
    restart(1500),
    plan(
      'one cut off',
      CUT_OFF_MS,
      () => proxy.hold(),
      () => proxy.release(),
    ),
    plan(
      'paused',
      PAUSED_MS,
      () => redis.pause(),
      () => redis.resume(),
    ),
    restart(500),
  ]
  return Array.from({ length: rounds }, round).flat()
}

async function untilRun(process: TestProcess): Promise<void> {
  while ((await process.next()) !== 'run') {}
}

async function step(processes: readonly TestProcess[], name: string): Promise<void> {
  for (const process of processes) process.send(name)
  await expectAll(processes, name)
}

async function expectAll(processes: readonly TestProcess[], message: string): Promise<void> {
  const said = await Promise.all(processes.map((process) => process.next()))
  if (said.some((each) => each !== message)) throw new Error(`${message}: they said ${said}`)
}

function historyOf(told: readonly Told[], events: History['events']): History {
  for (const [index, { told: own }] of told.entries()) {
    for (const [at, name, tier, keys] of own)
      events.push([at, index, `${name} ${tier} ${keys ?? ''}`])
  }
  return {
    writes: told.flatMap(({ writes }) =>
      writes.map(([process, key, version, began, acknowledged, effective]) => ({
        ...{ process, key, version, began, acknowledged, effective },
      })),
    ),
    reads: told.flatMap(({ reads }) =>
      reads.map(([process, key, version, began, how]) => ({ process, key, version, began, how })),
    ),
    events: events.sort(([one], [other]) => one - other),
    stallMs: told.map(({ stallMs }) => stallMs),
    missed: told.reduce((sum, { missed }) => sum + missed, 0),
  }
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
