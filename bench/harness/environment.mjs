/** What a result has to be read with: machine, Node, versions and seed. */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

const root = new URL('../../', import.meta.url)
const PEERS = [
  'lru-cache',
  'tiny-lru',
  'lru.min',
  'quick-lru',
  'mnemonist',
  '@isaacs/ttlcache',
  'cacheable',
  'bentocache',
  'keyv',
  'lmdb',
  'redis',
  '@keyv/redis',
  'ioredis',
  'tinybench',
]

/** @returns {import('./types.d.ts').Environment} */
export function describeEnvironment(seed) {
  const versions = { hotset: versionIn('package.json') }
  for (const name of PEERS) versions[name] = versionIn(`node_modules/${name}/package.json`)
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    platform: `${type()} ${release()} ${process.arch}`,
    seed,
    versions,
  }
}

export function environmentLines(environment) {
  const versions = Object.entries(environment.versions).map((pair) => pair.join(' '))
  return [
    `Node ${environment.node} on ${environment.platform}`,
    `${environment.cpu}, ${environment.cores} cores, ${environment.memoryGib} GiB`,
    `${versions.join(', ')}; seed ${environment.seed}`,
  ]
}

function versionIn(path) {
  const file = new URL(path, root)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'absent'
}
