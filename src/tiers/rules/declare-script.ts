/**
 * Replaces, in one step on the server, what a key depends on. Written in Lua, run by RedisGraph.
 *
 *     on:<dependent>    set of its dependencies, with the lifetime of its edges
 *     by:<dependency>   sorted set of its dependents, each by when its edge ends (ms since the epoch, by the
 *                       server's clock); lives as long as the last of them
 *     used              there once anybody has declared anything
 *
 * 1. An edge lasts as long as the entry of its dependent may, and as long as any edge that leads to that
 *    dependent: else a chain would break in the middle while its end is still cached.
 * 2. So a longer lifetime is handed on to all edges above. That ends at edges which last as long already, and
 *    at MAX_EXTENDED of them, with an error: the edges are whole then, but not all as long as they should be.
 * 3. Edges that have ended are removed when their dependency is declared again.
 *
 * KEYS: used, on:<dependent>. ARGV: the prefixes of on: and by:, the dependent, its lifetime in ms or 'inf',
 * the dependencies. All keys are in one slot by their hash tag.
 */
import { createHash } from 'node:crypto'

const MAX_EXTENDED = 10_000

export const DECLARE_SCRIPT = `
local on, by, dependent = ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function read(ends)
  return ends == 'inf' and math.huge or tonumber(ends)
end
local function write(ends)
  return ends == math.huge and '+inf' or string.format('%.0f', ends)
end
local function lastEnd(name)
  local last = redis.call('ZREVRANGE', name, 0, 0, 'WITHSCORES')
  return last[2] and read(last[2]) or 0
end
local function keep(name, ends)
  if ends == math.huge then redis.call('PERSIST', name)
  else redis.call('PEXPIREAT', name, write(ends)) end
end
local function link(dependency, key, ends)
  local name = by .. dependency
  redis.call('ZREMRANGEBYSCORE', name, '-inf', write(now))
  redis.call('ZADD', name, 'GT', write(ends), key)
  keep(name, lastEnd(name))
end

for _, old in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  redis.call('ZREM', by .. old, dependent)
end
redis.call('DEL', KEYS[2])
if #ARGV == 4 then return end

local ends = ARGV[4] == 'inf' and math.huge or now + tonumber(ARGV[4])
ends = math.max(ends, lastEnd(by .. dependent))
local queue = {}
for index = 5, #ARGV do
  queue[#queue + 1] = ARGV[index]
  redis.call('SADD', KEYS[2], ARGV[index])
  link(ARGV[index], dependent, ends)
end
keep(KEYS[2], ends)
redis.call('SETNX', KEYS[1], '1')

local extended = 0
local at = 1
while at <= #queue do
  local key = queue[at]
  at = at + 1
  local isExtended = false
  for _, dependency in ipairs(redis.call('SMEMBERS', on .. key)) do
    local before = redis.call('ZSCORE', by .. dependency, key)
    if not before or read(before) < ends then
      extended = extended + 1
      if extended > ${MAX_EXTENDED} then
        return redis.error_reply('HOTSET more than ${MAX_EXTENDED} dependencies above one key')
      end
      link(dependency, key, ends)
      queue[#queue + 1] = dependency
      isExtended = true
    end
  end
  if isExtended then keep(on .. key, ends) end
end
`

export const DECLARE_SCRIPT_SHA1 = createHash('sha1').update(DECLARE_SCRIPT).digest('hex')
