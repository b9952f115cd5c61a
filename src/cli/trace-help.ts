/** What `hotset trace --help` says. */
export const TRACE_HELP = `Usage: hotset trace [options] > out.hst
       hotset trace [options] -o out.hst.gz

Makes up a trace for 'hotset replay': the same for the same options and seed. Each request is for
one of the popular keys, unless the options below make it a part of a scan, a loop and so on.

Popular keys:
  --keys <count>      how many there are; default 100000 (counts: 250000, 1e6, 250k, 1.5m)
  --zipf <exponent>   how unequal: 0 (all alike) to 2; default 0.9
  --drift <requests>  after so many requests, the popularity moves on by one key; default 0: never

Other requests, as shares of all (10% or 0.1), together 100% at most; default none:
  --scan <share>x<length>      runs of so many keys that are never asked for again, as in 10%x5000
  --loop <share>x<length>      so many keys in turn, from the first to the last and again
  --new <share>                single keys that are never asked for again
  --repeat <share>x<distance>  one of so many last requests, again: bursts

What a request is:
  --sizes <sizes>     of the objects, one for each key: 1kb, uniform:100:10kb,
                      lognormal:<median>:<sigma>, as in lognormal:1kb:1.5, or
                      pareto:<least>:<most>:<shape>, as in pareto:100:1mb:1.2; default: not told
  --ttl <duration>    their lifetime (250ms, 30s, 5m, 2h), or that of a share of the keys, as in
                      20%x5m; default none
  --writes <share>    requests that write (the others read); default 0
  --deletes <share>   requests that delete; default 0
  --rate <number>     requests a second, 0.001 to 1e9; default 1000
  --arrivals <kind>   even, or poisson: pauses as of many clients; default even

The trace:
  --requests <count>  how many; default 1000000
  --phase <options>   a part of the trace, as in --phase requests=1e6,scan=50%x1000; may be given
                      several times, for one part after the other. What it does not name is as
                      given beside it
  --seed <number>     for all that is left to chance; default 1
  -o, --output <file> where to; compressed where the name ends with .gz. Default stdout
  -h, --help          this text

Examples:
  hotset trace --zipf 0.9 --keys 1e6 --requests 1e7 --scan 10%x5000 -o mixed.hst.gz
  hotset trace --keys 1e5 --phase requests=2e6 --phase requests=2e6,loop=100%x20000 -o shift.hst
  hotset replay mixed.hst.gz

The format is described in docs/trace-format.md of the package.

Exit codes: 0 done, 1 the trace could not be written, 2 wrong options.
`
