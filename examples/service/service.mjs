/**
 * One process of the service: `PORT=3000 REDIS_URL=redis://localhost node service.mjs`.
 *
 * 1. SIGTERM and SIGINT, and the end of the process that started it, end it in order: no new requests, those
 *    under way are answered, the cache is closed, then the database.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { createCache } from './cache.mjs'
import { Database } from './database.mjs'
import { createRoutes } from './routes.mjs'
import { createHttpServer } from './server.mjs'
import { settings } from './settings.mjs'

const database = new Database(join(settings.folder, 'database.lmdb'))
const cache = createCache(database, settings)
await cache.ready()

const server = createHttpServer(createRoutes(cache, database))
server.listen(settings.port, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()
console.log(`process ${process.pid} listens on http://127.0.0.1:${port}`)
process.send?.({ pid: process.pid, port })

let isEnding = false
async function end() {
  if (isEnding) return
  isEnding = true
  server.close()
  await once(server, 'close')
  await cache.close()
  await database.close()
  console.log(`process ${process.pid} has ended in order`)
  if (process.connected) process.disconnect()
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end)
process.on('disconnect', end)
