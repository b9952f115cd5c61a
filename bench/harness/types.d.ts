/** What a scenario gives to the harness, and what it gets back. */

/** One workload, run by every implementation, each in a process of its own. */
export interface Scenario {
  title: string
  /** What is done, what is timed and what is left out: a paragraph for the report. */
  about: string
  /** The implementation that ratios are to; absent where there is none to compare with. */
  baseline?: string
  implementations: string[]
  rounds: number
  cases: Case[]
  /** Small enough for a second or two in all. */
  smokeCases: Case[]
  metrics: Metric[]
  chart: Chart
  /** What the project has set itself. */
  aims?: Aim[]
  /** Runs one implementation on one case, in a fresh process. Raises an error if an answer is wrong. */
  run(context: RunContext): Promise<Measurement> | Measurement
  /** Where it can tell beforehand that it cannot run: why. */
  unavailable?(): string | undefined
}

export interface Case {
  name: string
  /** Of the scenario's implementations, those that this case is for; default: all. */
  only?: string[]
  /** At most so many rounds, where one takes long; default: the scenario's. */
  rounds?: number
  [parameter: string]: unknown
}

export interface Metric {
  key: string
  /** With its unit. */
  title: string
  digits: number
  /**
   * How it compares with the baseline's: `speed` is baseline / own (above 1 is better), `share` is
   * own / baseline (below 1 is better), `rate` is own / baseline too (above 1 is better).
   */
  ratio?: 'speed' | 'share' | 'rate'
  /** Which way is better, for comparisons of builds; default: as `ratio` has it. */
  better?: 'less' | 'more'
}

export interface Chart {
  metric: string
  title: string
  /** These implementations; default: all. */
  only?: string[]
  /** Where values span orders of magnitude. */
  logarithmic?: boolean
  /** Where a logarithmic axis begins; default: 0.1. */
  from?: number
}

export interface Aim {
  case: string
  implementation: string
  metric: string
  /** Of the ratio to the baseline, or of the value itself. */
  of: 'ratio' | 'value'
  /** Of the ratio of the medians to this implementation's, instead of the baseline's. */
  to?: string
  atLeast?: number
  atMost?: number
}

export interface RunContext {
  implementation: string
  /** The case as it stands in the scenario. */
  parameters: Case
  seed: number
  smoke: boolean
}

/** The metrics by their keys; what does not apply is left out. */
export type Measurement = Record<string, number>

export interface Summary {
  median: number
  low: number
  high: number
}

/** One line of a result table. */
export interface Row {
  case: string
  implementation: string
  values: Record<string, Summary>
  ratios: Record<string, Summary>
}

export interface Outcome {
  name: string
  rounds: number
  rows: Row[]
  aims: { text: string; reached: number; met: boolean }[]
  elapsedMs: number
}

export interface Environment {
  node: string
  cpu: string
  cores: number
  memoryGib: number
  platform: string
  seed: number
  versions: Record<string, string>
}
