/** One hot set read by one thread, by two, and by two while a third writes. */
import { drawIndices } from '../data/draws.mjs'
import { summarise } from '../harness/statistics.mjs'
import { HOTSET, HOTSET_NEAR_OFF, LRU_PER_THREAD, loadTarget } from '../threads/implementations.mjs'
import { splitByShard } from '../threads/shards-of-keys.mjs'
import { Team } from '../threads/team.mjs'
import { VALUE_BYTES, Workload } from '../threads/workload.mjs'

const WORKER = new URL('../threads/client-worker.mjs', import.meta.url)
const WRITES_A_SECOND = 10_000
/** More than one, whatever the machine: the writer is to have shards of its own. */
const SHARDS = 8
const MAX_BYTES = 18 * 2 ** 20
const MAX_ENTRIES = 108_000
/** To choose the hot keys and the written ones from. */
const CANDIDATES = 4000
const HOT_KEYS = 1000
const SCALING = 1.85
const WRITER = 2

const METRICS = [
  { key: 'alone', title: '1 thread, gets a second', digits: 0, better: 'more' },
  { key: 'both', title: '2 threads', digits: 0, better: 'more' },
  { key: 'besideWriter', title: '2 and a writer', digits: 0, better: 'more' },
  { key: 'scaling', title: '2 threads to 1', digits: 2, better: 'more' },
  { key: 'ownScaling', title: 'own', digits: 2, better: 'more' },
  { key: 'scalingBesideWriter', title: '2 and a writer to 1', digits: 2, better: 'more' },
  { key: 'ownScalingBesideWriter', title: 'own', digits: 2, better: 'more' },
  { key: 'writesPerSecond', title: 'writes a second', digits: 0 },
]

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Gets of one hot set: what a second thread adds',
  about: `One, then two threads get the same ${HOT_KEYS.toLocaleString('en')} keys in random order, then two
while a third sets ${WRITES_A_SECOND.toLocaleString('en')} other keys a second. The three take turns in one process, again and
again; a figure is the median of its passes, a ratio the median of those of one turn. The hot keys are in
one half of the cache's ${SHARDS} shards, the written ones in the other. Keys of 16 characters, values of
${VALUE_BYTES}. "${LRU_PER_THREAD}" shares nothing: it shows what the machine gives to two threads at best.
"own" leaves out what the threads waited for a core, which they share with the writer and with others.`,
  implementations: [HOTSET, HOTSET_NEAR_OFF, LRU_PER_THREAD],
  rounds: 2,
  cases: [{ name: '1,000 hot keys', turns: 5, passMs: 400 }],
  smokeCases: [{ name: '1,000 hot keys', turns: 1, passMs: 30 }],
  metrics: METRICS,
  chart: {
    metric: 'scaling',
    title: 'Gets a second of two threads to those of one (more is better)',
  },
  aims: [HOTSET, HOTSET_NEAR_OFF].flatMap((implementation) =>
    ['scaling', 'scalingBesideWriter'].map((metric) => ({
      case: '1,000 hot keys',
      implementation,
      metric,
      of: 'value',
      atLeast: SCALING,
    })),
  ),

  async run({ implementation, parameters, seed }) {
    const { turns, passMs } = parameters
    const { team, host } = await prepare(implementation, seed)
    const read = { kind: 'run' }
    const write = { kind: 'write at a pace', perSecond: WRITES_A_SECOND }
    const settings = [
      { key: 'alone', phases: [read] },
      { key: 'both', phases: [read, read] },
      { key: 'besideWriter', phases: [read, read, write] },
    ]
    // Why first: until it is compiled, a thread is no measure of anything.
    await team.run([read, read, write], passMs)
    const results = []
    for (let number = 0; number < turns; number++) {
      const result = {}
      for (let at = 0; at < settings.length; at++) {
        const { key, phases } = settings[(at + number) % settings.length]
        result[key] = await pass(team, phases, passMs)
      }
      results.push(compare(result))
    }
    await team.stop()
    await host.close()
    const median = (key) => summarise(results.map((result) => result[key])).median
    return Object.fromEntries(METRICS.map(({ key }) => [key, median(key)]))
  },
}

async function prepare(implementation, seed) {
  const workload = new Workload(CANDIDATES, seed)
  const { open } = await loadTarget(implementation)
  const bounds = { maxBytes: MAX_BYTES, maxEntries: MAX_ENTRIES, shards: SHARDS, threads: 3 }
  const host = await open({ implementation, ...bounds, workload })
  const { hot, written } = chooseKeys(host.cache, workload)
  const load = { implementation, keyCount: CANDIDATES, seed, distribution: 'uniform' }
  const team = await Team.start(WORKER, 3, (thread) => {
    const { data } = host.equip(thread)
    const chosen = thread === WRITER ? written : hot
    return { data: { ...load, chosen, setPercent: 0, thread, own: data } }
  })
  return { team, host }
}

/** Where nothing is shared there are no shards either, and any keys will do. */
function chooseKeys(cache, workload) {
  const half = CANDIDATES / 2
  const { first, second } =
    cache === undefined
      ? {
          first: [...Array(half).keys()],
          second: drawIndices(half, half, 1).map((at) => at + half),
        }
      : splitByShard(cache, workload)
  if (first.length < HOT_KEYS) throw new Error(`Only ${first.length} keys are in the first shards`)
  return { hot: first.slice(0, HOT_KEYS), written: [...second] }
}

async function pass(team, phases, passMs) {
  const { reports, elapsedMs } = await team.run(phases, passMs)
  const readers = reports.slice(0, WRITER)
  const [writer] = reports.slice(WRITER)
  if (readers.some(({ misses }) => misses > 0)) throw new Error('a hot key was not found')
  const perSecond = (timeOf) =>
    readers.reduce((sum, reader) => sum + (reader.operations / timeOf(reader)) * 1000, 0)
  return {
    gets: perSecond(() => elapsedMs),
    ownGets: perSecond(({ ownMs }) => ownMs),
    writes: writer && (writer.operations / elapsedMs) * 1000,
  }
}

function compare({ alone, both, besideWriter }) {
  return {
    alone: alone.gets,
    both: both.gets,
    besideWriter: besideWriter.gets,
    scaling: both.gets / alone.gets,
    ownScaling: both.ownGets / alone.ownGets,
    scalingBesideWriter: besideWriter.gets / alone.gets,
    ownScalingBesideWriter: besideWriter.ownGets / alone.ownGets,
    writesPerSecond: besideWriter.writes,
  }
}
