/** The reference policies, by the names that the field knows them by. */
import { Arc } from './policies/arc.js'
import { Clock } from './policies/clock.js'
import { Fifo } from './policies/fifo.js'
import { Gdsf } from './policies/gdsf.js'
import { Lfu } from './policies/lfu.js'
import { Lirs } from './policies/lirs.js'
import { Lru } from './policies/lru.js'
import { Opt } from './policies/opt.js'
import { S3Fifo } from './policies/s3-fifo.js'
import { Sieve } from './policies/sieve.js'
import { TwoQueues } from './policies/two-queues.js'
import { WTinyLfu } from './policies/w-tinylfu.js'
import { AdaptiveWTinyLfu } from './policies/w-tinylfu-adaptive.js'
import type { Simulation, SimulationOptions } from './simulation.js'

export interface ReferencePolicy {
  title: string
  /** Who published it, where and when. */
  source: string
  /** @throws RangeError for a capacity below 1, or one that is not whole */
  create(options: SimulationOptions): Simulation
}

export const REFERENCE_POLICIES: Record<string, ReferencePolicy> = {
  's3-fifo': {
    title: 'S3-FIFO',
    source:
      'Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, SOSP 2023',
    create: (options) => new S3Fifo(options),
  },
  sieve: {
    title: 'SIEVE',
    source: 'Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024',
    create: (options) => new Sieve(options),
  },
  'w-tinylfu': {
    title: 'W-TinyLFU, window 1%',
    source:
      'Einziger, Friedman, Manes: TinyLFU, ACM TOS 2017; sizes: Einziger et al., ACM TOS 2022',
    create: (options) => new WTinyLfu(options),
  },
  'w-tinylfu-adaptive': {
    title: 'W-TinyLFU, adaptive window',
    source: 'Einziger, Eytan, Friedman, Manes: Adaptive software cache management, Middleware 2018',
    create: (options) => new AdaptiveWTinyLfu(options),
  },
  arc: {
    title: 'ARC',
    source: 'Megiddo, Modha: ARC, FAST 2003',
    create: (options) => new Arc(options),
  },
  lirs: {
    title: 'LIRS',
    source: 'Jiang, Zhang: LIRS, SIGMETRICS 2002',
    create: (options) => new Lirs(options),
  },
  gdsf: {
    title: 'GDSF',
    source: 'Cherkasova: Greedy-Dual-Size-Frequency, HP Laboratories HPL-98-69R1, 1998',
    create: (options) => new Gdsf(options),
  },
  '2q': {
    title: '2Q',
    source: 'Johnson, Shasha: 2Q, VLDB 1994',
    create: (options) => new TwoQueues(options),
  },
  clock: {
    title: 'CLOCK',
    source: 'Corbató: A paging experiment with the Multics system, MIT Project MAC, 1968',
    create: (options) => new Clock(options),
  },
  'fifo-sim': {
    title: 'FIFO (simulated)',
    source: 'Belady: A study of replacement algorithms, IBM Systems Journal 1966',
    create: (options) => new Fifo(options),
  },
  'lru-sim': {
    title: 'LRU (simulated)',
    source: 'Denning: The working set model for program behavior, CACM 1968',
    create: (options) => new Lru(options),
  },
  'lfu-sim': {
    title: 'LFU (simulated)',
    source: 'perfect counts of what is held, no aging',
    create: (options) => new Lfu(options),
  },
  opt: {
    title: 'OPT',
    source: 'Belady: A study of replacement algorithms, IBM Systems Journal 1966',
    create: (options) => new Opt(options),
  },
}
