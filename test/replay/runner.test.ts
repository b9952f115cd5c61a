/** The replay itself, on a cache whose every call is seen. */
import { describe, expect, it } from 'vitest'
import {
  AccessBlock,
  type AccessSource,
  BLOCK_ACCESSES,
  DELETE,
  NO_TTL,
  READ,
  UNKNOWN_SIZE,
  WRITE,
} from '../../src/replay/access.js'
import { ReplayClock } from '../../src/replay/clock.js'
import type { RunResult } from '../../src/replay/run-counts.js'
import { Run, type RunOptions, replay } from '../../src/replay/runner.js'
import { StopFlag } from '../../src/replay/stop-flag.js'
import { ValueMaker } from '../../src/replay/values.js'
import { MapTarget } from './map-target.js'
import type { Row } from './parse-helpers.js'

const OPTIONS: RunOptions = {
  defaultTtlMs: 0,
  defaultValueBytes: 100,
  sizedValues: true,
  largestValueBytes: 1000,
  limit: Number.POSITIVE_INFINITY,
}

const maker = new ValueMaker()

/** Each list of rows is a block. */
function sourceOf(...blocks: Row[][]): AccessSource {
  return {
    hasTime: true,
    progress: () => 1,
    *blocks() {
      for (const rows of blocks) {
        const block = new AccessBlock()
        for (const row of rows) block.push(...row)
        yield block
      }
    },
  }
}

function read(key: string, sizeBytes = UNKNOWN_SIZE, timeMs = 1, ttlMs = NO_TTL): Row {
  return [key, sizeBytes, timeMs, ttlMs, READ]
}

function run(
  target: MapTarget,
  rows: Row[],
  options: Partial<RunOptions> = {},
): Promise<RunResult> {
  return replay(target, sourceOf(rows), { ...OPTIONS, ...options })
}

describe('read-through', () => {
  it('stores the object on a miss, in the size that the trace says', async () => {
    const target = new MapTarget()
    const result = await run(target, [read('a', 50), read('a', 50), read('b')])
    expect(target.calls).toEqual(['get a', 'set a 50 0', 'get a', 'get b', 'set b 100 0'])
    expect(result).toMatchObject({ accesses: 3, reads: 3, hits: 1, wrongValues: 0, refused: 0 })
  })

  it('gives hit ratios by accesses and by bytes', async () => {
    const result = await run(new MapTarget(), [read('a', 300), read('b'), read('a', 300)])
    expect(result.hitRatio).toBeCloseTo(1 / 3)
    expect(result.byteHitRatio).toBeCloseTo(300 / 700)
  })

  it('stores values of the default size where sizes do not count, yet weighs hits by them', async () => {
    const target = new MapTarget()
    const rows = [read('a', 5000), read('a', 5000)]
    const result = await run(target, rows, {
      sizedValues: false,
      largestValueBytes: Number.POSITIVE_INFINITY,
    })
    expect(target.calls[1]).toBe('set a 100 0')
    expect(result.hitBytes).toBe(5000)
  })

  it('stores nothing that is too large, and counts it', async () => {
    const target = new MapTarget()
    const result = await run(target, [read('a', 1e12), read('b', 1000)])
    expect(target.calls).toEqual(['get a', 'get b', 'set b 1000 0'])
    expect(result.notCacheable).toBe(1)
  })

  it('counts objects that the cache did not take', async () => {
    expect((await run(new MapTarget(1), [read('a'), read('b')])).refused).toBe(1)
  })
})

describe('other operations', () => {
  it('writes and deletes without counting them as reads', async () => {
    const target = new MapTarget()
    const rows: Row[] = [
      ['a', 10, 1, NO_TTL, WRITE],
      ['a', 10, 1, NO_TTL, READ],
      ['a', 10, 1, NO_TTL, DELETE],
      ['a', 10, 1, NO_TTL, READ],
    ]
    const result = await run(target, rows)
    expect(result).toMatchObject({ accesses: 4, reads: 2, hits: 1, writes: 1, deletes: 1 })
  })

  it('drops the old object where the new one is too large', async () => {
    const target = new MapTarget()
    await run(target, [read('a'), ['a', 5000, 1, NO_TTL, WRITE]])
    expect(target.calls.at(-1)).toBe('delete a')
  })
})

describe('time', () => {
  it("is the trace's, so that entries expire in it", async () => {
    const clock = new ReplayClock()
    const rows = [
      read('a', 10, 1, 1000),
      read('a', 10, 1000),
      read('a', 10, 1001),
      read('b', 10, 2000),
      read('b', 10, 2499),
      read('b', 10, 2500),
    ]
    const target = new MapTarget(Number.POSITIVE_INFINITY, clock)
    const result = await run(target, rows, { clock, defaultTtlMs: 500 })
    expect(target.calls.filter((call) => call.startsWith('set'))).toEqual([
      'set a 10 1000',
      'set a 10 500',
      'set b 10 500',
      'set b 10 500',
    ])
    expect(result.hits).toBe(2)
  })
})

describe('figures', () => {
  it('stop at the limit, in the middle of a block', async () => {
    const blocks = [
      [read('a'), read('b')],
      [read('c'), read('d')],
    ]
    const target = new MapTarget()
    const result = await replay(target, sourceOf(...blocks), { ...OPTIONS, limit: 3 })
    expect(result.accesses).toBe(3)
    expect(target.calls).not.toContain('get d')
  })

  it('find wrong values', async () => {
    const target = new MapTarget()
    const rows = [read('a', 20), read('b', 20)]
    await run(target, rows)
    target.entries.set('a', target.entries.get('b') as never)
    expect((await run(target, rows)).wrongValues).toBe(1)
  })

  it('find most wrong values by their ends, and of the others one in eight', async () => {
    const target = new MapTarget()
    const rows = Array.from({ length: BLOCK_ACCESSES }, (_, index) => read(`${index}:x`, 20))
    await run(target, rows)
    for (const [index, [key]] of rows.entries()) {
      target.entries.set(key, { value: maker.make(`${index}!x`, 20), expiresMs: 1e9 })
    }
    const { wrongValues } = await run(target, rows)
    expect(wrongValues / BLOCK_ACCESSES).toBeGreaterThan(0.1)
    expect(wrongValues / BLOCK_ACCESSES).toBeLessThan(0.15)
    for (const [key] of rows) {
      target.entries.set(key, { value: maker.make('y', 20), expiresMs: 1e9 })
    }
    expect((await run(target, rows)).wrongValues).toBe(BLOCK_ACCESSES)
  })

  it('time one operation in eight by itself, the same ones each time', () => {
    const block = new AccessBlock()
    while (!block.full) block.push(...read('a'))
    const recorded = [1, 2].map(() => {
      const replayed = new Run(new MapTarget(), OPTIONS)
      for (let turn = 0; turn < 10; turn++) {
        replayed.perform(block)
        replayed.record()
      }
      return replayed.latency.recorded.single.count
    })
    expect(recorded[0]).toBeGreaterThan(4600)
    expect(recorded[0]).toBeLessThan(5700)
    expect(recorded[1]).toBe(recorded[0])
  })

  it('are ordered latencies and a speed', async () => {
    const result = await run(
      new MapTarget(),
      Array.from({ length: 2000 }, (_, i) => read(`k${i % 50}`)),
    )
    const { p50Ns, p99Ns, p9999Ns, worstNs } = result.latency
    expect(p50Ns).toBeGreaterThan(0)
    expect([p50Ns, p99Ns, p9999Ns]).toEqual([p50Ns, p99Ns, p9999Ns].sort((a, b) => a - b))
    expect(worstNs).toBeGreaterThanOrEqual(p9999Ns * 0.99)
    expect(result.operationsPerSecond).toBeCloseTo(2_000_000 / result.timedMs, 0)
  })

  it('are all zero for a trace without accesses', async () => {
    const result = await run(new MapTarget(), [])
    expect(result).toMatchObject({ accesses: 0, hitRatio: 0, operationsPerSecond: 0 })
  })
})

describe('a replay that is told to stop', () => {
  const blocks = [[read('a'), read('b')], [read('c')], [read('d')]]

  it('ends before the next block, and is not complete', async () => {
    const stop = new StopFlag()
    const target = new MapTarget()
    const onBlock = (accesses: number) => {
      if (accesses === 3) stop.set()
    }
    const result = await replay(target, sourceOf(...blocks), { ...OPTIONS, stop, onBlock })
    expect(result).toMatchObject({ accesses: 3, complete: false })
    expect(target.calls).not.toContain('get d')
  })

  it('is complete where there was nothing more, or the limit was reached', async () => {
    const stop = new StopFlag()
    const onBlock = (accesses: number) => {
      if (accesses === 4) stop.set()
    }
    const options = { ...OPTIONS, stop, onBlock }
    const whole = await replay(new MapTarget(), sourceOf(...blocks), options)
    expect(whole).toMatchObject({ accesses: 4, complete: true })
    const limited = await replay(new MapTarget(), sourceOf(...blocks), { ...OPTIONS, limit: 2 })
    expect(limited).toMatchObject({ accesses: 2, complete: true })
  })
})
