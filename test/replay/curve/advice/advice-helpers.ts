/** Whole runs over made traces, with the advice that comes of them. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Advice } from '../../../../src/replay/curve/advice/spec.js'
import type * as curveModule from '../../../../src/replay/curve/curve.js'
import { parseSizes } from '../../../../src/replay/curve/sizes.js'
import type { CurveSpec } from '../../../../src/replay/curve/spec.js'
import { Random } from '../../../../src/replay/random.js'
import { describeFiles } from '../../../../src/replay/trace.js'
import { bundleCommand } from '../../../support/bundled-command.js'

const USERS = 2000

let folder = ''
let runCurve: typeof curveModule.runCurve

/** To be called once by a test file that calls `run`. */
export function prepareRuns(): void {
  beforeAll(async () => {
    folder = await bundleCommand()
    ;({ runCurve } = (await import(join(folder, 'curve.js'))) as typeof curveModule)
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
}

export async function run(
  name: string,
  lines: string[],
  more: Partial<CurveSpec> = {},
  hooks: curveModule.CurveHooks = {},
) {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  const spec: CurveSpec = {
    files: await describeFiles([path], undefined, {}),
    seed: 1,
    policies: ['lru'],
    sizes: parseSizes('200entries', '--sizes'),
    ttlMs: 0,
    valueBytes: 100,
    maxSample: Number.POSITIVE_INFINITY,
    limit: undefined,
    advice: true,
    ...more,
  }
  const { result } = await runCurve(spec, hooks)
  const of = <Kind extends Advice['kind']>(kind: Kind) =>
    result.advice.find((item): item is Extract<Advice, { kind: Kind }> => item.kind === kind)
  return { result, of }
}

/** Users who come again, skewed; a share of the requests is for searches that nobody repeats. */
export function withSearches(count: number, searchShare: number, skew = 3): string[] {
  const random = new Random(1)
  return Array.from({ length: count }, (_, index) =>
    random.nextFraction() < searchShare
      ? `search:${index}`
      : `user:${Math.floor(random.nextFraction() ** skew * USERS)}:profile`,
  )
}
