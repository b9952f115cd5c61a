/**
 * Ports for servers that are killed and started again on the same port, so nobody else may get it meanwhile.
 *
 * They lie below those that the system gives to outgoing connections. Why: a client that keeps trying to
 * reach a dead server on such a port is given that very port for its own end one day, and is then
 * connected to itself, with the port taken.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST_PORT = 10_240
const END_PORT = 22_000
/** A node of a cluster listens there too; it is below 32,768 for all of the ports above. */
export const BUS_OFFSET = 10_000
const ATTEMPTS = 100

/** A port of 127.0.0.1 that is free, and so is the one `BUS_OFFSET` above. */
export async function findRestartablePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST_PORT, END_PORT)
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port
  }
  throw new Error(`no free port in ${ATTEMPTS} attempts`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
