/** Starts a Redis server, tells its port, and waits to be killed. */
import { startRedisServer } from '../../support/redis-server.mjs'

const { port } = await startRedisServer()
process.send(port)
