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
  chart: Chart | Course
  /** The name of a row below the others, where there is to be one: the mean over all cases, of each metric. */
  mean?: string
  /** What is measured again and again during a run: keys of a measurement's lists. */
  series?: string[]
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
  /**
   * Neighbours with the same text here run in one process, to share what they load; their `only` and `rounds`
   * are the first one's.
   */
  together?: string
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

/** How figures change during a run, instead of bars: cases beside each other, from left to right. */
export interface Course {
  /** What it makes visible. */
  metric: string
  title: string
  /** The axis of all figures, with its unit. */
  valueTitle: string
  /** The axis from left to right, with its unit. */
  atTitle: string
  /** Between neighbours in a list, in that unit. */
  step: number
  cases: string[]
  /** Lists of figures, of the first implementation. */
  lines: { series: string; title: string }[]
  /** A list of indices into `names`, drawn as a strip below. */
  states: { series: string; title: string; names: string[] }
}

export interface Aim {
  /** Default: every case; the worst is told. */
  case?: string
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

/** The metrics by their keys, and the scenario's series; what does not apply is left out. */
export type Measurement = Record<string, number | number[]>

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
  /** Of the first round. */
  series?: Record<string, number[]>
  /** Over all cases. */
  isMean?: true
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
