/** The machine's monotonic clock, which all threads of a process share, in milliseconds. */
const NS_PER_MS = 1e6

export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / NS_PER_MS
}
