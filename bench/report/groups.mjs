/**
 * The order in which the report tells of the scenarios, and of each the question that it answers and the one
 * figure that stands for it in the index.
 *
 * 1. Every scenario is in exactly one group.
 * 2. A figure is chosen before it is measured: the case that most users have, or the one that an aim is about.
 *
 * @typedef {object} Headline
 * @property {string} [case] or the scenario's mean over its cases; default: all cases, of whose figures the median is told
 * @property {string} metric its key; the ratio to the baseline is told too, where the metric has one
 * @property {string} [title] of the figure, with its unit; default: the metric's
 * @property {string} [implementation] default: hotset
 *
 * @typedef {{ name: string, question: string, headline: Headline }} Entry `question`: one line
 * @type {{ title: string, entries: Entry[] }[]}
 */
export const GROUPS = [
  {
    title: 'One thread: get',
    entries: [
      {
        name: 'get-hot',
        question: 'What does a hit cost, with the same key strings again and again?',
        headline: { case: '1,000 keys', metric: 'nsPerOp' },
      },
      {
        name: 'get-fresh-keys',
        question: 'And with a new string for its key each time, as a server has?',
        headline: { case: '100,000 keys, Zipf', metric: 'nsPerOp' },
      },
      {
        name: 'batches',
        question: 'What does one call for a hundred keys save?',
        headline: { case: '100,000 entries', metric: 'freshGain', title: 'getMany to single gets' },
      },
      {
        name: 'floors',
        question: "How much of a get is not hotset's own to save?",
        headline: {
          case: '1,000 keys, off the heap',
          metric: 'nsPerOp',
          implementation: 'key in, value out',
        },
      },
    ],
  },
  {
    title: 'One thread: set',
    entries: [
      {
        name: 'set',
        question: 'What do new keys, overwrites and deletes cost while there is room?',
        headline: { case: '100,000 keys', metric: 'newNs' },
      },
      {
        name: 'set-at-capacity',
        question: 'What does a set cost that evicts another entry?',
        headline: { case: '16 MiB', metric: 'nsPerOp' },
      },
    ],
  },
  {
    title: 'One thread: read-through',
    entries: [
      {
        name: 'read-through-mix',
        question: 'What does a read cost on average, when 50, 90 or 99% hit?',
        headline: { case: '90% hits', metric: 'nsPerOp' },
      },
      {
        name: 'read-through-large',
        question: 'And with millions of entries, where the garbage collector matters?',
        headline: { case: '5,000,000 entries', metric: 'loopNs', title: 'ns an operation' },
      },
      {
        name: 'trace-recording',
        question: 'What does it cost to record the accesses for a replay?',
        headline: { case: 'sample 0.1', metric: 'overheadPercent' },
      },
    ],
  },
  {
    title: 'Values',
    entries: [
      {
        name: 'values',
        question: 'What do strings, Buffers, objects and numbers cost, by size?',
        headline: { case: 'objects, 5 fields', metric: 'getNs' },
      },
    ],
  },
  {
    title: 'Latency',
    entries: [
      {
        name: 'latency',
        question: 'How slow is the slowest of a thousand, of ten thousand, of all?',
        headline: {
          case: '1,000,000 entries, 90% gets',
          metric: 'ownBlockMs',
          title: 'longest 200, ms',
        },
      },
      {
        name: 'growth-stalls',
        question: 'Is anyone held up while the cache grows to ten million entries?',
        headline: {
          case: '10,000,000 entries',
          metric: 'againOwnWorstMs',
          title: 'longest set of a second fill, ms',
        },
      },
    ],
  },
  {
    title: 'Lifetimes and tags',
    entries: [
      {
        name: 'ttl',
        question: 'What does a lifetime add to gets and sets?',
        headline: {
          case: 'lifetime of the cache',
          metric: 'setCost',
          title: 'set with it to set without',
        },
      },
      {
        name: 'ttl-churn',
        question: 'Does the memory of a million expired entries come back by itself?',
        headline: { case: 'while new ones come', metric: 'leftPercent' },
      },
      {
        name: 'expiry-burst',
        question: 'Is anyone held up while a million entries expire?',
        headline: { case: 'over a second', metric: 'ownWorstMs', title: 'longest, ms' },
      },
      {
        name: 'tags',
        question: 'How long does it take to invalidate all entries with a tag?',
        headline: { case: '1,000,000 of 1,000,000', metric: 'callUs' },
      },
    ],
  },
  {
    title: 'Memory',
    entries: [
      {
        name: 'memory',
        question: 'What do millions of entries take, in all and on the V8 heap?',
        headline: { case: '5,000,000 entries', metric: 'rssMib' },
      },
    ],
  },
  {
    title: 'Start',
    entries: [
      {
        name: 'start',
        question: 'What does a cache add to the start of a process?',
        headline: { case: '16 MB', metric: 'readyMs', title: 'import and create, ms' },
      },
    ],
  },
  {
    title: 'Several threads',
    entries: [
      {
        name: 'get-threads',
        question: 'How many gets a second do 1, 2 and 4 threads have?',
        headline: { case: '100,000 keys, 2 threads', metric: 'operationsPerSecond' },
      },
      {
        name: 'mixed-threads',
        question: 'And with 5% sets, on a full cache?',
        headline: { case: '2 threads', metric: 'operationsPerSecond' },
      },
      {
        name: 'set-threads',
        question: 'And with sets alone, on a full cache?',
        headline: { case: '2 threads', metric: 'operationsPerSecond' },
      },
      {
        name: 'get-scaling',
        question: 'How much does a second thread on one hot set add?',
        headline: { case: '1,000 hot keys', metric: 'scaling', title: 'two threads to one' },
      },
      {
        name: 'lock-hold',
        question: 'How long is a shard locked, evictions included?',
        headline: { case: 'adaptive', metric: 'p999Us', title: 'p99.9, µs' },
      },
      {
        name: 'pool-rendering',
        question: 'What is left to the main thread when workers write into the cache?',
        headline: { case: '100 KB, 50% hits', metric: 'mainUs', implementation: 'hotset/pool' },
      },
    ],
  },
  {
    title: 'Tiers',
    entries: [
      {
        name: 'tiers-memory-hit',
        question: 'What do the tiers below add to a hit in memory?',
        headline: {
          case: 'objects of 5 fields, 1,000 keys',
          metric: 'getNs',
          implementation: 'hotset/tiers',
        },
      },
      {
        name: 'tiers-redis-hit',
        question: 'And what does a hit in Redis cost?',
        headline: {
          case: 'objects of 5 fields',
          metric: 'getUs',
          implementation: 'hotset/tiers',
        },
      },
      {
        name: 'tiers-lmdb-hit',
        question: 'And one in LMDB, on the disk?',
        headline: {
          case: 'objects of 5 fields',
          metric: 'getUs',
          implementation: 'hotset/tiers',
        },
      },
      {
        name: 'tiers-stampede',
        question: 'How soon are a thousand callers of one missing key answered?',
        headline: { case: 'one process', metric: 'totalMs', implementation: 'hotset/tiers' },
      },
    ],
  },
  {
    title: 'Hit ratio',
    entries: [
      {
        name: 'hit-ratio',
        question:
          'How many more requests of real traces hit than with LRU, ARC, S3-FIFO or Caffeine?',
        headline: {
          case: 'mean of the cells',
          metric: 'overCaffeine',
          title: 'points above Caffeine main',
          implementation: 'hotset, adaptive',
        },
      },
      {
        name: 'hit-ratio-shared',
        question: 'What do several shards and the near cache take from that?',
        headline: {
          case: 'mean of the cells',
          metric: 'bothLost',
          title: 'points lost by both',
          implementation: 'hotset, adaptive',
        },
      },
      {
        name: 'hit-ratio-sizes',
        question: 'And by objects and by bytes, where objects differ in size?',
        headline: {
          case: 'adaptsize, 5%',
          metric: 'objectPercent',
          title: 'object hit ratio, %',
          implementation: "hotset, favor 'objects'",
        },
      },
      {
        name: 'cost',
        question: 'How long do loads take, where some keys take long and others do not?',
        headline: {
          case: '5% of the keys',
          metric: 'loadMs',
          title: 'ms in loads a read',
          implementation: "hotset, favor 'cost'",
        },
      },
      {
        name: 'policy-reaction',
        question: 'How soon is the right configuration in force when a workload changes?',
        headline: { metric: 'lag', implementation: 'hotset, adaptive' },
      },
      {
        name: 'policy-cost',
        question: 'What does it cost to find out which configuration is right?',
        headline: {
          case: 'gets, 100,000 entries',
          metric: 'percent',
          implementation: 'hotset, near off',
        },
      },
    ],
  },
  {
    title: 'The engine alone',
    entries: [
      {
        name: 'engine-speed',
        question: 'What does a call cost without keys and values being strings?',
        headline: { case: 'get, a hit', metric: 'nsPerOp', implementation: 'adaptive' },
      },
      {
        name: 'engine-growth',
        question: 'Does a get cost more, as entries grow, than the memory it reads?',
        headline: {
          case: '10 million entries',
          metric: 'growth',
          title: 'growth, in reads of memory',
          implementation: 'hotset, near off',
        },
      },
      {
        name: 'engine-footprint',
        question: 'How many instructions and cache lines does a call take?',
        headline: { case: 'get, a hit', metric: 'coldLines', implementation: 'adaptive' },
      },
    ],
  },
]
