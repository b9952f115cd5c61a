/**
 * The threads of a pass, led together: each step is over when all have answered.
 *
 * 1. The first failure of any thread (an error, the end of its heap, its exit) is the failure of the
 *    step under way, and of all later ones. It says which thread it was.
 * 2. Whoever started a team ends it, also after a failure: threads may wait at the gate for ever.
 */
import { Worker } from 'node:worker_threads'
import type { AccessBlock, Accesses } from '../access.js'
import { heapLimitMib } from '../heap-limit.js'
import type { Answer, FromThread, ThreadPart, ThreadRequest, ToThread } from './messages.js'
import { sharedNowMs } from './shared-time.js'
import type { StartGate } from './start-gate.js'

/** Named as what stopped the thread was. */
export class ThreadError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message)
  }
}

interface Step {
  type: Answer['type']
  answers: Answer[]
  missing: number
  resolve(answers: Answer[]): void
  reject(error: Error): void
}

export class Team {
  private readonly workers: Worker[]
  private step: Step | undefined
  private failure: Error | undefined

  private constructor(
    private readonly gate: StartGate,
    requests: readonly ThreadRequest[],
    code: URL,
  ) {
    this.workers = requests.map((request, index) => this.startThread(request, index, code))
  }

  /**
   * @param code what the threads run
   * @throws ThreadError
   */
  static async start(
    gate: StartGate,
    requests: readonly ThreadRequest[],
    code = new URL('./thread-worker.js', import.meta.url),
  ): Promise<Team> {
    const team = new Team(gate, requests, code)
    try {
      await team.all('attached')
    } catch (error) {
      await team.end()
      throw error
    }
    return team
  }

  /**
   * @param shares one a thread
   * @returns milliseconds from the common start until the last thread had done with its share
   * @throws ThreadError
   */
  async playRound(shares: readonly AccessBlock[]): Promise<number> {
    const prepared = this.all('prepared')
    for (const [index, share] of shares.entries()) {
      this.post(index, { type: 'round', accesses: trim(share) })
    }
    await prepared
    const done = this.all('done')
    const startMs = sharedNowMs()
    this.gate.open()
    return Math.max(...(await done).map(({ endMs }) => endMs)) - startMs
  }

  /** @throws ThreadError */
  async finish(): Promise<ThreadPart[]> {
    const finished = this.all('finished')
    for (const index of this.workers.keys()) this.post(index, { type: 'finish' })
    return (await finished).map(({ part }) => part)
  }

  async end(): Promise<void> {
    this.step = undefined
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private startThread(request: ThreadRequest, index: number, code: URL): Worker {
    const { ownBudget, spec } = request
    const worker = new Worker(code, {
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMib(ownBudget, spec.valueBytes) },
    })
    const fail = (name: string, message: string) => {
      this.fail(new ThreadError(name, `thread ${index + 1} of ${spec.threads}: ${message}`))
    }
    worker.on('message', (message: FromThread) => {
      if (message.type === 'failure') fail(message.name, message.message)
      else this.take(index, message)
    })
    worker.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code ?? error.name, error.message),
    )
    worker.on('exit', (code) => fail('exit', `it ended with code ${code}`))
    return worker
  }

  private post(index: number, message: ToThread): void {
    this.workers[index].postMessage(message)
  }

  /** Of every thread its answer of this type, in the order of the threads. */
  private all<T extends Answer['type']>(type: T): Promise<Extract<Answer, { type: T }>[]> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure)
        return
      }
      this.step = {
        type,
        answers: [],
        missing: this.workers.length,
        resolve: (answers) => resolve(answers as Extract<Answer, { type: T }>[]),
        reject,
      }
    })
  }

  private take(index: number, answer: Answer): void {
    const { step } = this
    if (step === undefined || answer.type !== step.type) {
      this.fail(new Error(`Thread ${index + 1} answered '${answer.type}' out of turn`))
      return
    }
    step.answers[index] = answer
    if (--step.missing === 0) {
      this.step = undefined
      step.resolve(step.answers)
    }
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.step?.reject(this.failure)
    this.step = undefined
  }
}

/** Without what is left over from the rounds before. */
function trim({ length, keys, sizeBytes, timeMs, ttlMs, operations }: AccessBlock): Accesses {
  return { length, keys: keys.slice(0, length), sizeBytes, timeMs, ttlMs, operations }
}
