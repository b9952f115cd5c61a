/** Starts a Redis server in a folder and on a port, tells its pid, and then never listens again. */
import { launchRedisServer } from '../../../support/redis-server.mjs'

const [folder, port] = process.argv.slice(2)
const { pid } = await launchRedisServer(
  ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes'],
  { folder },
)
process.send(pid, () => {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
