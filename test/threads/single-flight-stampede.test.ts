/** Four threads that ask for the same missing keys at once: each key is loaded once, whoever does it. */
import { describe, expect, test } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { expectSoundAndIdle } from './support/leases.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const KEYS = 1000
const THREADS = 4
const LOADERS = 2
const OVERLAPS = 3

interface Report {
  wrong: number
  failures: string[]
  timersFired: number
}

interface Stampede {
  reports: Report[]
  loaders: number
  /** How often a key's loader began while another one of the same key ran. */
  overlaps: number
  loadsOfKeys: number[]
}

/** Four threads ask for the same keys at once. */
async function stampede(
  cache: SharedCache,
  { near = true, failingThreads = 0, keys = KEYS } = {},
): Promise<Stampede> {
  const control = createControl()
  const running = createControl(keys)
  const loads = createControl(keys)
  const { handle } = cache
  const shared = { handle, near, control, threads: THREADS, keys, running, loads, failingThreads }
  const reports = await runWorkers<Report>(
    'single-flight-worker.mjs',
    Array.from({ length: THREADS }, (_, thread) => ({ ...shared, thread })),
  )
  return {
    reports,
    loaders: control[LOADERS],
    overlaps: control[OVERLAPS],
    loadsOfKeys: Array.from(loads),
  }
}

describe.each([
  ['2mb', true],
  ['2mb', false],
  ['61mb', true],
  ['61mb', false],
] as const)(
  'four threads that miss the same 1,000 keys at once (%s, near cache: %s)',
  (maxBytes, near) => {
    test('load each of them once, and all get all values', async () => {
      const cache = new SharedCache<string>({ maxBytes })
      const { reports, loaders, overlaps, loadsOfKeys } = await stampede(cache, { near })
      expect({ loaders, overlaps }).toEqual({ loaders: KEYS, overlaps: 0 })
      expect(new Set(loadsOfKeys)).toEqual(new Set([1]))
      for (const { wrong, failures } of reports) {
        expect({ wrong, failures }).toEqual({ wrong: 0, failures: [] })
      }
      expect(cache.get('key 0')).toBe('value of 0')
      expect(cache.size).toBe(KEYS)
      expectSoundAndIdle(cache)
    })
  },
)

test('a cache too small for what is loaded never has a key loaded twice at a time', async () => {
  const cache = new SharedCache<string>({ maxBytes: '1mb' })
  const { reports, loaders, overlaps } = await stampede(cache)
  expect(loaders).toBeGreaterThanOrEqual(KEYS)
  expect(overlaps).toBe(0)
  for (const { wrong, failures } of reports) {
    expect({ wrong, failures }).toEqual({ wrong: 0, failures: [] })
  }
  expectSoundAndIdle(cache)
})

describe('a loader that fails', () => {
  test('in all threads is tried once by each of them, never two at a time', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const keys = 50
    const { reports, loaders, overlaps } = await stampede(cache, { failingThreads: THREADS, keys })
    expect({ loaders, overlaps }).toEqual({ loaders: THREADS * keys, overlaps: 0 })
    reports.forEach(({ failures }, thread) => {
      expect(failures).toHaveLength(keys)
      for (const message of failures) expect(message).toContain(`thread ${thread} cannot load`)
    })
    expectSoundAndIdle(cache)
  })

  test('in some threads fails their own callers only; the others load once between them', async () => {
    const cache = new SharedCache<string>({ maxBytes: '64mb' })
    const { reports, overlaps, loadsOfKeys } = await stampede(cache, {
      failingThreads: 2,
      keys: 50,
    })
    expect(overlaps).toBe(0)
    for (const loads of loadsOfKeys) expect(loads).toBeLessThanOrEqual(3)
    reports.forEach(({ wrong, failures }, thread) => {
      expect(wrong).toBe(0)
      if (thread >= 2) expect(failures).toEqual([])
      for (const message of failures) expect(message).toContain(`thread ${thread} cannot load`)
    })
    expect(cache.size).toBe(50)
    expectSoundAndIdle(cache)
  })
})
