/**
 * The Lua scripts, each atomic on the node that has its keys. They are sent by their hash; a server that does
 * not know one (it was restarted, or SCRIPT FLUSH was called) is sent the whole.
 *
 * Why not for more: other clients are told of what a script changes, but so is the one that ran it (NOLOOP
 * leaves out a client's own commands, not those of its scripts).
 */
import { createHash } from 'node:crypto'
import type { Argument, Sender } from './link.js'
import {
  EXPIRED_AT_OFFSET,
  EXPIRES_AT_OFFSET,
  HEADER_CHECKSUM_OFFSET,
  KEEP_UNTIL_OFFSET,
} from './stored-entry.js'

export class Script {
  readonly #source: string
  readonly #hash: string

  constructor(source: string) {
    this.#source = source
    this.#hash = createHash('sha1').update(source).digest('hex')
  }

  /** @param keys at least one; on a cluster all of one slot */
  async run(sender: Sender, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await sender.send(keys[0], ['EVALSHA', this.#hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return sender.send(keys[0], ['EVAL', this.#source, ...rest])
    }
  }
}

/**
 * KEYS entry, and the lease where one is held; ARGV value, PX, seen stamp or '', what may be there: that
 * 'stamp' alone, 'none' as well, or 'any'; lease token. Answers 1 where it stored. What is no text has no stamp.
 */
export const STORE_IF_UNCHANGED = new Script(`
  if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[5] then return 0 end
  local stamp = redis.pcall('GETRANGE', KEYS[1], 2, 9)
  if type(stamp) ~= 'string' then stamp = '' end
  if ARGV[4] ~= 'any' and stamp ~= ARGV[3] and (stamp ~= '' or ARGV[4] ~= 'none') then
    return 0
  end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
`)

/** What four bits at the end of a word make of it; see cache/checksum.ts. */
function checksumOfNibble(nibble: number): number {
  let word = nibble
  for (let bit = 0; bit < 4; bit++) word = (word >>> 1) ^ ((word & 1) * 0xedb88320)
  return word >>> 0
}

/** CRC-32 as cache/checksum.ts has it, little-endian: Redis has none for scripts. 26 bytes take 8 microseconds. */
const CHECKSUM = `
  local nibbles = {[0] = ${Array.from({ length: 16 }, (_, nibble) => checksumOfNibble(nibble))}}
  local band, bxor, rshift = bit.band, bit.bxor, bit.rshift
  local function checksum(text)
    local word = -1
    for at = 1, #text do
      word = bxor(word, string.byte(text, at))
      word = bxor(rshift(word, 4), nibbles[band(word, 15)])
      word = bxor(rshift(word, 4), nibbles[band(word, 15)])
    end
    return struct.pack('<i4', bit.bnot(word))
  end
`

/**
 * KEYS entry; ARGV now, new stamp, tombstone, PX of it. An entry that has no grace becomes a tombstone, and so does
 * nothing at all: what is being loaded may be older than this. So does one whose header is damaged: with a checksum
 * anew, it would pass for whole. Why not in the record: its checksum covers all of the value.
 */
export const EXPIRE = new Script(`
  ${CHECKSUM}
  local head = redis.pcall('GETRANGE', KEYS[1], 0, ${KEEP_UNTIL_OFFSET + 7})
  if type(head) ~= 'string' then head = '' end
  local function part(from, to) return string.sub(head, from + 1, to) end
  local now = tonumber(ARGV[1])
  local isKept = false
  if #head == ${KEEP_UNTIL_OFFSET + 8} and string.byte(head, 2) == 1
    and checksum(part(0, ${HEADER_CHECKSUM_OFFSET})) == part(${HEADER_CHECKSUM_OFFSET}, ${HEADER_CHECKSUM_OFFSET + 4}) then
    local expires, keep = struct.unpack('<dd', head, ${EXPIRES_AT_OFFSET + 1})
    isKept = keep > now and keep > expires
    local expired = part(${EXPIRED_AT_OFFSET}, ${EXPIRED_AT_OFFSET + 8})
    if expires > now and struct.unpack('<d', expired) > now then expired = struct.pack('<d', now) end
    if isKept then
      local header = part(0, 2) .. ARGV[2] .. part(10, ${EXPIRED_AT_OFFSET}) .. expired
      redis.call('SETRANGE', KEYS[1], 0, header .. checksum(header))
    end
  end
  if not isKept then
    local set = redis.pcall('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
    if set.err then redis.call('DEL', KEYS[1]) end
  end
`)

/** KEYS entry; ARGV bytes of the head, epoch. Removes what is older; answers the head of what it removed. */
export const SWEEP = new Script(`
  local head = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[1] - 1)
  if type(head) ~= 'string' then head = '' end
  if #head >= 18 and string.byte(head, 2) == 1
    and struct.unpack('<d', head, 11) >= tonumber(ARGV[2]) then
    return false
  end
  redis.call('UNLINK', KEYS[1])
  return head
`)

/** KEYS lease, fence; ARGV PX of the lease, PX of the fence. Answers the token, or nothing where it is taken. */
export const ACQUIRE_LEASE = new Script(`
  if redis.call('EXISTS', KEYS[1]) == 1 then return false end
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  local token = string.format('%.0f', math.max(time[1] * 1000000 + time[2], last + 1))
  redis.call('SET', KEYS[2], token, 'PX', ARGV[2])
  redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
  return token
`)

/** KEYS lease; ARGV token. */
export const RELEASE_LEASE = new Script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0
`)

/**
 * The last epoch of the set, and its birth where it is new, or has lost what somebody knew of it. In that case
 * the server has gone back in time (an old snapshot, a replica that was behind): no entry can be trusted, so
 * all keys are invalidated with it.
 */
const HEAD_OF_SET = `
  local function text(number) return string.format('%.0f', number) end
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local known = tonumber(ARGV[1])
  local last = tonumber(redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2] or '-1')
  if last < known or not redis.call('ZSCORE', KEYS[1], '') then
    local isOlder = last >= 0 and last < known
    last = math.max(now, known + 1, last + 1)
    redis.call('ZADD', KEYS[1], text(last), '')
    if isOlder then redis.call('ZADD', KEYS[1], text(last), 'p') end
  end
`

const ANSWER_NEWER = `{
    redis.call('ZSCORE', KEYS[1], ''),
    redis.call('ZRANGE', KEYS[1], '(' .. ARGV[1], '+inf', 'BYSCORE', 'WITHSCORES')
  }`

/** KEYS set; ARGV the last epoch known. Answers the birth, then the members since with their epochs. */
export const READ_INVALIDATIONS = new Script(`
  ${HEAD_OF_SET}
  return ${ANSWER_NEWER}
`)

/**
 * KEYS set; ARGV the last epoch known, microseconds after which members are of no use, how many there may be,
 * channel or '', message, the members. Answers as above, with the new epoch before it.
 */
export const INVALIDATE = new Script(`
  ${HEAD_OF_SET}
  local epoch = text(math.max(now, last + 1))
  for index = 6, #ARGV do redis.call('ZADD', KEYS[1], epoch, ARGV[index]) end
  local birth = redis.call('ZSCORE', KEYS[1], '')
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. birth, '(' .. text(now - ARGV[2]))
  local excess = redis.call('ZCARD', KEYS[1]) - ARGV[3]
  if excess > 0 then
    local floor = redis.call('ZRANGE', KEYS[1], excess - 1, excess - 1, 'WITHSCORES')[2]
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', floor)
    redis.call('ZADD', KEYS[1], 'GT', floor, '')
  end
  if ARGV[4] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
  local answer = ${ANSWER_NEWER}
  table.insert(answer, 1, epoch)
  return answer
`)
