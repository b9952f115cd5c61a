/** Values in Redis as bytes, through a script's own text, as `run` takes and gives text alone. */

interface Server {
  run(...command: string[]): Promise<unknown>
}

export async function readRaw(server: Server, name: string): Promise<Buffer> {
  const hex = await server.run(
    'EVAL',
    "return (redis.call('GET', KEYS[1]):gsub('.', function(c) return string.format('%02x', c:byte()) end))",
    ...['1', name],
  )
  return Buffer.from(String(hex), 'hex')
}

export async function writeRaw(server: Server, name: string, bytes: Buffer): Promise<void> {
  await server.run(
    'EVAL',
    "return redis.call('SET', KEYS[1], (ARGV[1]:gsub('..', function(h) return string.char(tonumber(h, 16)) end)))",
    ...['1', name, bytes.toString('hex')],
  )
}
