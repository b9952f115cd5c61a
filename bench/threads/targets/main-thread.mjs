/**
 * An lru-cache in the main thread, which the others ask by message: one message for a batch of operations,
 * and one with all its answers.
 */
import { MessageChannel } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'

export function open({ maxEntries, workload }) {
  const cache = new LRUCache({ max: maxEntries })
  for (const [key, value] of workload.entries()) cache.set(key, value)
  const ports = []
  return {
    equip() {
      const { port1, port2 } = new MessageChannel()
      ports.push(port1)
      port1.on('message', (request) => port1.postMessage(answer(cache, request)))
      return { data: { port: port2 }, transfer: [port2] }
    },
    close() {
      for (const port of ports) port.close()
    },
  }
}

export function connect({ port }, workload) {
  return new MessageClient(port, workload)
}

/** Values of gets; undefined: it was a set, or there is none. */
function answer(cache, { keys, values }) {
  return keys.map((key, at) => {
    if (values[at] === undefined) return cache.get(key)
    cache.set(key, values[at])
    return undefined
  })
}

class MessageClient {
  isSynchronous = false
  #port
  #workload
  #resolve

  constructor(port, workload) {
    this.#port = port
    this.#workload = workload
    port.on('message', (answers) => this.#resolve(answers))
  }

  async get(key) {
    return (await this.#ask([key], [undefined]))[0]
  }

  async set(key, value) {
    await this.#ask([key], [value])
  }

  async run(order, start, end) {
    const workload = this.#workload
    const keys = []
    const values = []
    for (let at = start; at < end; at++) {
      const index = order[at] >>> 1
      keys.push(workload.keys[index])
      values.push((order[at] & 1) === 1 ? workload.value(index) : undefined)
    }
    const answers = await this.#ask(keys, values)
    let misses = 0
    for (const [at, found] of answers.entries()) {
      const word = order[start + at]
      if ((word & 1) === 1) continue
      if (found === undefined) misses++
      else workload.check(word >>> 1, found)
    }
    return misses
  }

  #ask(keys, values) {
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#port.postMessage({ keys, values })
    })
  }
}
