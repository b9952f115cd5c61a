/**
 * A Node process of a test's own that runs a script (.mjs) and talks with the test by messages. The script
 * uses the built package: `import ... from '../../../../dist/tiers.js'`, or single modules in dist/src.
 *
 * 1. It is gone when the test that started it is over, and when the process that started it ends, however it
 *    does. Also where the script is in a loop that never ends, or stopped.
 * 2. No message is lost: those that come before somebody asks wait.
 * 3. What is sent and told is cloned as between threads: Maps, bytes and bigints too.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithTest } from './end-with-test.js'

/** Kills the process with its own input, unless that says that there is nothing left to kill. */
const GUARD = 'trap "" INT TERM HUP; read word; [ "$word" = over ] || kill -9 "$1"'

export interface ProcessExit {
  /** Null if a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
}

export interface ProcessOptions {
  /** Besides the environment of the test. */
  env?: Record<string, string>
  /** Node's own options. */
  execArgv?: readonly string[]
}

export class TestProcess {
  /** When it has ended, and all that it said has arrived. */
  readonly exited: Promise<ProcessExit>
  readonly #child: ChildProcess
  readonly #messages: unknown[] = []
  #output = ''
  #exit: ProcessExit | undefined
  /** Called at each message, and at the end. */
  #wake: () => void = () => {}

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => {
      this.#messages.push(message)
      this.#wake()
    })
    // Why: a message to a process that has just ended is one that did not arrive.
    child.on('error', () => {})
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => {
        this.#output += text
      })
    this.exited = once(child, 'close').then(([code, signal]) => {
      this.#exit = { code, signal }
      this.#wake()
      return this.#exit
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** All that it has written to stdout and stderr so far. */
  get output(): string {
    return this.#output
  }

  /** Arrives at its `process.on('message')`, unless it has ended. */
  send(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object, () => {})
  }

  /**
   * The next of what it gave to `process.send`, in order; one caller at a time.
   * @throws if it ended without another one: how, and what it wrote
   */
  async next<Message = unknown>(): Promise<Message> {
    while (this.#messages.length === 0) {
      if (this.#exit !== undefined) throw new Error(this.#describeEnd())
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#messages.shift() as Message
  }

  /** The messages that have arrived and that nobody has asked for, taken out. */
  drain<Message = unknown>(): Message[] {
    return this.#messages.splice(0) as Message[]
  }

  /** Resolves when it has ended, with how. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessExit> {
    this.#child.kill(signal)
    return this.exited
  }

  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #describeEnd(): string {
    const { code, signal } = this.#exit as ProcessExit
    return `the process ended with ${signal ?? code}, having written: ${this.#output.trim()}`
  }
}

/** @param script its `file:` URL, as `new URL('workers/writer.mjs', import.meta.url)` gives it */
export function startProcess(
  script: URL,
  args: readonly string[] = [],
  { env = {}, execArgv = [] }: ProcessOptions = {},
): TestProcess {
  const child = fork(script, [...args], {
    // Why not the test's: vitest's own are for its workers.
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const started = new TestProcess(child)
  const guard = spawn('sh', ['-c', GUARD, 'sh', `${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.stdin.on('error', () => {})
  child.on('exit', () => guard.stdin.end('over\n'))
  endWithTest(async () => {
    await started.kill()
  })
  return started
}
