/**
 * Two processes of the service, on PORT and the one after it: `node start.mjs`. SIGTERM or Ctrl-C ends both in
 * order; one that ends by itself ends the other.
 */
import { fork } from 'node:child_process'

const PROCESSES = 2

const first = Number(process.env.PORT ?? 3000)
const children = Array.from({ length: PROCESSES }, (_, nth) => {
  const port = first === 0 ? 0 : first + nth
  const child = fork(new URL('service.mjs', import.meta.url), {
    env: { ...process.env, PORT: `${port}`, INSTANCE: `${nth}` },
  })
  child.on('message', (message) => process.send?.(message))
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 1
    end()
  })
  return child
})

let isEnding = false
function end() {
  // Why once: a second signal, to one that is about to exit, would count as its end.
  if (isEnding) return
  isEnding = true
  for (const child of children) child.kill('SIGTERM')
  if (process.connected) process.disconnect()
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end)
process.on('disconnect', end)
