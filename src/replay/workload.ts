/**
 * The built-in workload: what a web server's object cache sees, made up.
 *
 * 1. Most accesses are to objects by Zipf's law, and which objects are the popular ones drifts.
 * 2. Now and then a scan reads objects that nobody has asked for and nobody will ask for again.
 * 3. A share goes to sessions, which expire a minute after they were stored.
 * 4. An object has the same size each time it is asked for.
 * 5. The same seed gives the same accesses; time is the workload's own.
 *
 * Costs about 150 ns an access, outside the timed region.
 */

import { AccessBlock, type AccessSource, BLOCK_ACCESSES, NO_TTL, READ } from './access.js'
import { START_MS } from './clock.js'
import { latin1 } from './latin1.js'
import { mix, Random } from './random.js'
import { Zipf } from './zipf.js'

export const WORKLOAD_ACCESSES = 2_000_000

const OBJECTS = 500_000
const OBJECT_EXPONENT = 0.9
/** After so many accesses the popularity moves on by one object. */
const DRIFT_ACCESSES = 100

const SESSIONS = 100_000
const SESSION_EXPONENT = 0.7
const SESSION_SHARE = 0.15
const SESSION_TTL_MS = 60_000

const SCAN_EVERY_ACCESSES = 150_000
const SCAN_ACCESSES = 20_000

const ACCESSES_PER_MS = 4
/** Sizes are spread evenly over the powers of two between these. */
const MIN_SIZE_BYTES = 32
const MAX_SIZE_BYTES = 1024
const KEY_DIGITS = 10

export class Workload implements AccessSource {
  readonly hasTime = true
  private readonly random: Random
  private readonly objects = new Zipf(OBJECTS, OBJECT_EXPONENT)
  private readonly sessions = new Zipf(SESSIONS, SESSION_EXPONENT)
  private readonly objectKey = new KeyWriter('object:')
  private readonly sessionKey = new KeyWriter('session:')
  private readonly scanKey = new KeyWriter('report:')
  private done = 0
  private scanned = 0

  constructor(
    seed: number,
    private readonly accesses = WORKLOAD_ACCESSES,
    private readonly block = new AccessBlock(),
  ) {
    this.random = new Random(seed)
  }

  progress(): number {
    return this.accesses === 0 ? 1 : this.done / this.accesses
  }

  *blocks(): Generator<AccessBlock> {
    const { block } = this
    while (this.done < this.accesses) {
      block.length = 0
      const count = Math.min(BLOCK_ACCESSES, this.accesses - this.done)
      for (let index = 0; index < count; index++) this.push(this.done + index)
      this.done += count
      yield block
    }
  }

  private push(index: number): void {
    const timeMs = START_MS + Math.floor(index / ACCESSES_PER_MS)
    // Why at the end of a period: the first scan finds the cache warm.
    if (index % SCAN_EVERY_ACCESSES >= SCAN_EVERY_ACCESSES - SCAN_ACCESSES) {
      const item = this.scanned++
      this.block.push(this.scanKey.write(item), sizeOf(item), timeMs, NO_TTL, READ)
    } else if (this.random.nextFraction() < SESSION_SHARE) {
      const session = this.sessions.next(this.random)
      const key = this.sessionKey.write(session)
      this.block.push(key, sizeOf(session), timeMs, SESSION_TTL_MS, READ)
    } else {
      const drift = Math.floor(index / DRIFT_ACCESSES)
      const object = (this.objects.next(this.random) + drift) % OBJECTS
      this.block.push(this.objectKey.write(object), sizeOf(object), timeMs, NO_TTL, READ)
    }
  }
}

function sizeOf(id: number): number {
  const fraction = mix(id + 1) / 2 ** 32
  return Math.floor(MIN_SIZE_BYTES * (MAX_SIZE_BYTES / MIN_SIZE_BYTES) ** fraction)
}

/**
 * Makes keys such as `object:0000000042`.
 *
 * Why not by concatenation: that makes a string of two parts, which stays as large as both on the
 * heap of the cache that keeps it.
 */
class KeyWriter {
  private readonly bytes: Buffer

  constructor(private readonly prefix: string) {
    this.bytes = Buffer.from(prefix + '0'.repeat(KEY_DIGITS), 'latin1')
  }

  write(id: number): string {
    let rest = id
    for (let at = this.bytes.length - 1; at >= this.prefix.length; at--) {
      this.bytes[at] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    return latin1(this.bytes, 0, this.bytes.length)
  }
}
