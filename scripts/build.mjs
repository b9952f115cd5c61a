/**
 * Builds the package: the engine (release and debug), its bytes as a module of TypeScript, then dist/.
 *
 * 1. What ships of dist/ are the files of LIBRARY and COMMAND with their chunks, and the types.
 * 2. dist/src and dist/assembly are the same once more, a file a module, for tests and benchmarks that reach
 *    inside. Nothing loads some of the one and some of the other: there would be two of each class.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { dependencies, peerDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

/** By where they come to lie: those that start a thread name its file relative to their own. */
const LIBRARY = {
  index: 'src/index.ts',
  pool: 'src/pool/index.ts',
  tiers: 'src/tiers/index.ts',
  'worker/task-worker': 'src/pool/worker/task-worker.ts',
  'worker/maintenance-worker': 'src/pool/worker/maintenance-worker.ts',
}
const COMMAND = {
  cli: 'src/cli/main.ts',
  'pass-worker': 'src/replay/pass-worker.ts',
  'thread-worker': 'src/replay/threads/thread-worker.ts',
  'job-worker': 'src/replay/curve/job-worker.ts',
}

function run(module, ...args) {
  execFileSync(process.execPath, [`${root}node_modules/${module}`, ...args], {
    cwd: root,
    stdio: 'inherit',
  })
}

/** Why, and with msgpackr in it: each file that Node has to find and read takes 0.3 ms, and there are 50. */
function bundle(entryPoints) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // It is half a millisecond less to parse; names are kept for stack traces.
    minifyWhitespace: true,
    // Else an exception that nobody catches prints the whole file, as the line that it comes from.
    lineLimit: 120,
    // Else msgpackr takes esbuild's stand-in for the function itself, and does not find its addon.
    define: { require: 'undefined' },
    logLevel: 'warning',
  })
}

mkdirSync(`${root}build`, { recursive: true })
for (const target of ['release', 'debug']) {
  run('assemblyscript/bin/asc.js', '--config', 'asconfig.json', '--target', target)
}

const bytes = readFileSync(`${root}build/engine.wasm`)
writeFileSync(
  `${root}src/engine/engine-bytes.generated.ts`,
  `// Made by scripts/build.mjs from assembly/. Why embedded: bundlers carry it along as it is.
export const ENGINE_BYTES_BASE64 =
  '${bytes.toString('base64')}'
`,
)

rmSync(`${root}dist`, { recursive: true, force: true })
run('typescript/bin/tsc', '-p', 'tsconfig.build.json')

// Why apart: the command shares parts with the library that would else be files of their own for both.
for (const entryPoints of [LIBRARY, COMMAND]) await bundle(entryPoints)
copyFileSync(`${root}node_modules/msgpackr/LICENSE`, `${root}dist/LICENSE-msgpackr`)
chmodSync(`${root}dist/cli.js`, 0o755)
