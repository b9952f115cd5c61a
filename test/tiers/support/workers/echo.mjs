/** Sends back what it is sent, with its arguments; ends as it is told to. */
import { SharedCache } from '../../../../dist/index.js'

const cache = new SharedCache({ maxBytes: '1mb' })
cache.set('args', process.argv.slice(2))

process.on('message', ({ echo, exitCode, fail }) => {
  if (fail !== undefined) throw new Error(fail)
  if (exitCode !== undefined) process.exit(exitCode)
  process.send({ echo, args: cache.get('args'), environment: process.env.ECHO })
})
