/** What `hotset replay --help` says about miss-ratio curves. */

import { KNEE_POINTS } from '../replay/curve/advice/knee.js'
import { MAX_HIT_RATIO } from '../replay/curve/advice/uncached.js'
import { CURVE_POLICIES, describePolicy } from '../replay/curve/caches/index.js'
import { KEY_GROUPS } from '../replay/curve/sample.js'
import { DEFAULT_SIZES, OBJECT_OVERHEAD_BYTES } from '../replay/curve/sizes.js'
import { REFERENCE_POLICIES } from '../simulation/policies.js'
import { DEFAULT_CURVE_POLICIES, DEFAULT_SAMPLE } from './curve-options.js'

const NAME_WIDTH = 19

const references = CURVE_POLICIES.filter((name) => name in REFERENCE_POLICIES)

export const CURVE_OPTIONS_HELP = `  --policy <list>     draw a curve for each of these policies, as in lru,adaptive,arc,opt;
                      default, with --sizes: ${DEFAULT_CURVE_POLICIES}
  --sizes <list>      draw curves over these sizes: shares of the working set (1%,5%,20%), bytes
                      (64mb,1gb) or entries (1000entries); default, with several policies:
                      ${DEFAULT_SIZES}
  --sample <count>    of curves: keep so many requests at most; default ${DEFAULT_SAMPLE}
  --exact             of curves: use every request. Memory then grows with the trace, by 30
                      to 60 bytes a request and some 300 a key
  --svg <file>        of curves: write the chart to this file
  --no-advice         of curves: no advice at the end, nor the runs that it takes`

export const CURVE_HELP = `Miss-ratio curves:
  Policies for comparison, simulated:
${references.map((name) => `    ${name.padEnd(NAME_WIDTH)}${describePolicy(name).title}`).join('\n')}

  The trace is read once. Where it has more than --sample requests, or a quarter of that in keys,
  only the requests for a share of the keys are kept, chosen by hash (SHARDS), and each cache is
  simulated in proportion: of hotset's own policies the engine itself runs, with one shard and no
  near cache. Misses are set against that share of all the trace's reads (SHARDS-adj): so it does
  not matter whether the few hottest keys are among those chosen. After ± stands the standard error
  over samples, told by how ${KEY_GROUPS} groups of keys differ; what is otherwise in a cache only because it
  is so much smaller, it cannot tell, nor that adaptive, which draws on chance, may differ by some
  tenths of a point from run to run.

  The working set is all distinct objects of the trace. In bytes an object counts its value, its
  key and ${OBJECT_OVERHEAD_BYTES} bytes, which is about what it takes in hotset, in every policy. For that the engine
  runs as a cache of some 16 MiB or more, with cache and objects scaled alike, as it would spend
  more of a small cache than of a large one on itself; what is fixed comes on top. It refuses
  objects above a tenth of the size, as it always does. Sizes in entries count each object as one.
  A read without a size has the size that its key had last. Objects that have expired are misses
  everywhere; writes and deletes count for no ratio. Ctrl-C while the trace is read gives the curve
  of what was read, later the points that are done; "partial" in JSON is of this.

  Advice stands at the end, of the adaptive policy's curve (else of hotset's own that comes first):
  the knee, the smallest size from which on no doubling adds ${KNEE_POINTS * 100} points (between two sizes the
  curve is taken to be straight over the logarithm of the size); where there are lifetimes, what
  twice as long and endless ones bring, from further runs at that size; which prefixes (to one of
  : / | ? #) or keys are asked for often, or hold much, and hit less than ${MAX_HIT_RATIO * 100}% (two standard errors
  on the safe side), and what the others gain without them, from a run that leaves them out. Nothing
  is said where requests are few or errors large. Keys that are numbers in the trace have no prefix.
`
