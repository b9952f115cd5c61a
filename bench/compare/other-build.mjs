/**
 * The build to compare with: of a commit, checked out and built in a temporary folder, or a folder that was
 * built already.
 *
 * 1. Whatever happens, the temporary folder goes, and with it what git knows of it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ENTRY = 'src/index.js'
const LOCK = 'package-lock.json'
const BUILD_SCRIPT = 'scripts/build.mjs'

/**
 * @param {string} ref a git ref, or a folder like dist/
 * @param {string} root of the checkout
 * @returns {{ dist: string, name: string, remove(): void }}
 */
export function openOtherBuild(ref, root) {
  if (existsSync(join(ref, ENTRY))) return { dist: resolve(ref), name: ref, remove() {} }
  const commit = commitOf(ref, root)
  const temporary = mkdtempSync(join(tmpdir(), 'hotset-compare-'))
  const folder = join(temporary, 'checkout')
  const remove = () => {
    rmSync(temporary, { recursive: true, force: true })
    git(root, 'worktree', 'prune')
  }
  try {
    git(root, 'worktree', 'add', '--detach', folder, commit)
    build(folder, root)
    return { dist: join(folder, 'dist'), name: `${ref} (${commit.slice(0, 7)})`, remove }
  } catch (error) {
    remove()
    throw new Error(`${ref} does not build: ${reasonOf(error)}`, { cause: error })
  }
}

function commitOf(ref, root) {
  try {
    return git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  } catch (error) {
    throw new Error(`There is no commit '${ref}', nor a build in a folder of that name`, {
      cause: error,
    })
  }
}

function build(folder, root) {
  for (const file of [BUILD_SCRIPT, LOCK]) {
    if (!existsSync(join(folder, file))) throw new Error(`it has no ${file}`)
  }
  if (haveSameLock(folder, root)) {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  } else {
    // Why without scripts: preparing would build it as well, and unseen.
    run(folder, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
  }
  run(folder, process.execPath, BUILD_SCRIPT)
}

function haveSameLock(folder, root) {
  const [one, other] = [folder, root].map((each) => join(each, LOCK))
  return readFileSync(one).equals(readFileSync(other))
}

function git(folder, ...args) {
  return run(folder, 'git', ...args).trim()
}

function run(folder, command, ...args) {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
}

/** The one line of a failed command that says most. */
function reasonOf(error) {
  const lines = `${error.stdout ?? ''}\n${error.stderr ?? ''}`
    .split('\n')
    .map((line) => line.trim())
  return (
    lines.find((line) => /error/i.test(line)) ?? lines.findLast((line) => line) ?? error.message
  )
}
