/** What stats().policy tells of policy `adaptive`: the shards' choices, put together. */
import type { Engine } from '../engine/engine.js'
import { type ShardSelection, type SimulatedFigures, selectionOf } from '../engine/selection.js'
import type {
  AdaptiveConfiguration,
  CandidateStats,
  ConfigurationChangeStats,
  PolicyStats,
} from './cache-stats.js'
import type { Policy } from './options.js'

/** By their numbers in assembly/policy/configuration.ts. */
const NAMES: readonly AdaptiveConfiguration[] = ['repeated', 'recent', 'frequent', 'frequent-wide']

interface Choice extends ShardSelection {
  shard: number
}

/** @param startMs what the cache's clock showed when it began */
export function policyStats(
  engines: readonly Engine[],
  policy: Policy,
  startMs: number,
): PolicyStats {
  const choices = engines.flatMap((engine, bank) => choicesOf(engine, bank * engine.shardCount))
  if (policy !== 'adaptive' || choices.length === 0) return { name: policy }
  const candidates = NAMES.map((name, index) => candidateStats(choices, name, index))
  const first = candidates.reduce((most, one) => (one.shards > most.shards ? one : most))
  return {
    name: policy,
    configuration: first.name,
    candidates,
    hitRatio: {
      half: hitRatio(choices, ({ half }) => half),
      same: hitRatio(choices, ({ candidates, configuration }) => candidates[configuration]),
      twice: hitRatio(choices, ({ twice }) => twice),
    },
    changes: choices.reduce((sum, { changes }) => sum + changes, 0),
    history: historyOf(choices, startMs),
  }
}

function choicesOf(engine: Engine, firstShard: number): Choice[] {
  return Array.from({ length: engine.shardCount }, (_, shard) => {
    const selection = selectionOf(engine, shard)
    return selection === undefined ? [] : [{ ...selection, shard: firstShard + shard }]
  }).flat()
}

function candidateStats(
  choices: readonly Choice[],
  name: AdaptiveConfiguration,
  index: number,
): CandidateStats {
  const shards = choices.filter(({ configuration }) => configuration === index).length
  return { name, shards, hitRatio: hitRatio(choices, ({ candidates }) => candidates[index]) }
}

/** Over all shards, each weighed by the accesses that its sample stands for. */
function hitRatio(
  choices: readonly Choice[],
  figures: (choice: Choice) => SimulatedFigures,
): number | undefined {
  let accesses = 0
  let hits = 0
  for (const choice of choices) {
    const sample = figures(choice)
    accesses += sample.accesses * choice.sampledOneIn
    hits += sample.hits * choice.sampledOneIn
  }
  return accesses === 0 ? undefined : hits / accesses
}

function historyOf(choices: readonly Choice[], startMs: number): ConfigurationChangeStats[] {
  return choices
    .flatMap(({ shard, history }) =>
      history.map(({ atMs, configuration, entries }) => ({
        at: startMs + atMs,
        shard,
        configuration: NAMES[configuration],
        entries,
      })),
    )
    .sort((a, b) => a.at - b.at)
}
