/** What `hotset --help` and `hotset replay --help` say. */
import { LRU_CACHE_ENTRY_BYTES } from '../replay/budget.js'
import { FORMATS } from '../replay/formats/index.js'
import { POLICIES } from '../replay/policies.js'
import { LONGEST_STRETCH, TIMED_EVERY } from '../replay/runner.js'
import { MAX_THREADS } from '../replay/spec.js'
import { WORKLOAD_ACCESSES } from '../replay/workload.js'
import { CURVE_HELP, CURVE_OPTIONS_HELP } from './curve-help.js'
import { DEFAULT_SEED, DEFAULT_SIZE, DEFAULT_VALUE_SIZE } from './replay-options.js'

const NAME_WIDTH = 15

export const MAIN_HELP = `Usage: hotset <command>

Commands:
  replay [files...]   replay accesses through hotset and lru-cache, and compare them
  trace               make up accesses: popular keys, scans, loops, sizes, lifetimes

hotset replay --help and hotset trace --help explain them; hotset --version prints the version.
`

export const REPLAY_HELP = `Usage: hotset replay [options] [files...]

Replays accesses through hotset and through lru-cache, at the same memory and each in a thread of
its own, read-through: a miss makes the object and stores it. Shows both side by side. Without
files: a built-in workload of ${WORKLOAD_ACCESSES.toLocaleString('en')} accesses (Zipf with a drifting hot set, scans,
expiring entries). Several files are one trace, in the order given (.hst: merged by time); files of
different formats do not share keys. Files may be compressed: .gz, .zst, .bz2, .xz.

With --sizes, or a list of policies: a miss-ratio curve instead, which tells what each size and
policy would do, of hotset's and of others for comparison (see "Miss-ratio curves" below).

Options:
  --size <size>       the memory of each cache: bytes with a unit (64mb, 1.5gb; from 1mb), or
                      entries (10000entries, or a plain 10000); default ${DEFAULT_SIZE}
  --threads <count>   replay in so many threads, 1 to ${MAX_THREADS}: one hotset for all of them, beside an
                      lru-cache in each with its part of --size (see below); default 1
  --policy <policy>   hotset's eviction: ${POLICIES.join(', ')};
                      default adaptive
  --ttl <duration>    lifetime of objects that the trace gives none (250ms, 30s, 5m, 2h, 7d);
                      in the trace's time where it has one; default none
  --value-size <size> size of objects that the trace gives none, and of all objects where --size is
                      in entries; default ${DEFAULT_VALUE_SIZE}
  --format <format>   what the files are (below); found out from name and contents otherwise
  --columns <list>    the columns of --format columns: in order, as in time,key,size (key, size,
                      time, ttl, op, and - for one to ignore), or by number from 1 or by name in the
                      first line, as in key=2,size=bytes
  --delimiter <char>  what separates them: a character, or comma, tab, semicolon, pipe, space,
                      whitespace (runs of it); found out otherwise
  --time-unit <unit>  the unit of the time column: s, ms, us, ns; default s. TTLs are seconds
  --no-near           without hotset's near cache (decoded values on the heap of the thread)
  --limit <count>     replay no more than so many accesses
  --seed <number>     for the built-in workload, and for how accesses are dealt to --threads;
                      default ${DEFAULT_SEED}
${CURVE_OPTIONS_HELP}
  --json              print one JSON object to stdout, and nothing else
  --progress          a line about the progress every 5 s to stderr, where that is no terminal (a
                      terminal has a bar)
  -h, --help          this text

Formats:
${FORMATS.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)} ${summary}`).join('\n')}

Figures:
  hit ratio           hits of all reads; writes and deletes of the trace count as operations only
  byte hit ratio      the same, weighted by the sizes of the objects
  operations/s        an operation is the whole read-through: look up, check the value (every one
                      by its ends, one in ${TIMED_EVERY} in full), and on a miss make and store it; reading
                      the trace is not in it
  latency             of one operation in ${TIMED_EVERY}, the same for both caches; one reading of the clock
                      (about 35 ns) included. The worst is that of all: where it was not timed by
                      itself, with the up to ${LONGEST_STRETCH - 1} operations beside it
  memory              what the cache itself counts outside the V8 heap, and what the heap grew by,
                      measured after a garbage collection
  loads               of --threads: misses of reads, each of which makes the object and stores it;
                      two threads that miss the same key at once both load it
  not cacheable       accesses to objects above about a tenth of --size, which neither cache stores

At the same memory: hotset bounds all it uses outside the heap. lru-cache is given the same number
as maxSize, and for each entry the bytes that V8 takes for it: key and value with 16 bytes of
header each, and ${LRU_CACHE_ENTRY_BYTES} bytes for its tables (measured: 113 to 153). Sizes in entries bound the count
in both.

With --threads N, accesses come to the threads as requests come to the workers of a server: of every
N in a row each thread gets one, in an order drawn anew each time. (Dealt by key, each object would
be in one cache only, and what separate caches cost could not be seen.) Both implementations get
the same accesses in the same threads. They are dealt in rounds; operations/s is all accesses over
the time from the common start of each round to the end of its last thread. The time of the trace
is the furthest that any thread has come to. Memory on the heap is that of all threads together.
Where there are more threads than cores, latencies include waiting for a core.

${CURVE_HELP}
Ctrl-C ends the pass under way and shows what there is: which passes had how many accesses, in
JSON "partial": true, and "complete": false or "missing": true of a pass. A second one ends the
command at once.

Memory does not grow with the trace: a log of any length is read as it is replayed.

Exit codes: 0 done, 1 a trace could not be read, or a cache or a thread failed, 2 wrong options,
130 stopped by Ctrl-C.
`
