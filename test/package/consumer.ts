/**
 * The package as somebody else gets it: packed from dist/ as it was last built, and installed into an
 * empty project of its own. Needs the npm registry, or npm's cache of it, for the dependencies.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Consumer {
  folder: string
  tarball: string
  write(path: string, content: string): string
  /** Runs node with these arguments in the project; returns what it printed. */
  node(...args: string[]): string
  /** Compiles a program as strictly as can be; returns what the compiler printed: nothing, where it is right. */
  checkTypes(name: string, app: string, compilerOptions: object): string
  remove(): void
}

export function createConsumer(): Consumer {
  if (!existsSync(join(ROOT, 'dist/src/index.js'))) throw new Error('Run `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'hotset-consumer-'))
  const write = (path: string, content: string): string => {
    const full = join(folder, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
    return full
  }
  // Why no scripts: `prepare` would build dist/ anew under the feet of the other tests.
  const packed = npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)
  const tarball = join(folder, JSON.parse(packed)[0].filename)
  write('package.json', '{ "name": "consumer", "private": true, "type": "module" }')
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball)
  return {
    folder,
    tarball,
    write,
    node: (...args) => run(process.execPath, args, folder),
    checkTypes: (...args) => checkTypes(write, folder, ...args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function npm(cwd: string, ...args: string[]): string {
  return run('npm', args, cwd)
}

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function checkTypes(
  write: Consumer['write'],
  folder: string,
  name: string,
  app: string,
  compilerOptions: object,
): string {
  write(`${name}/app.ts`, app)
  const options = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    ...compilerOptions,
  }
  const config = { compilerOptions: options, files: ['app.ts'] }
  write(`${name}/tsconfig.json`, JSON.stringify(config))
  try {
    return run(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', name],
      folder,
    )
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
