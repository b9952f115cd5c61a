// Builds the package: the engine (release and debug), its bytes as a module of TypeScript, then dist/.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(module, ...args) {
  execFileSync(process.execPath, [`${root}node_modules/${module}`, ...args], {
    cwd: root,
    stdio: 'inherit',
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
chmodSync(`${root}dist/src/cli/main.js`, 0o755)
