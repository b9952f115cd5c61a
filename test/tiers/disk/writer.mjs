/**
 * A process that writes into a disk tier until it is killed: `node writer.mjs bundle path round`. It prints
 * a line for each write before it asks for it, and one when it is acknowledged.
 */
import { writeSync } from 'node:fs'

const [bundle, path, round] = process.argv.slice(2)
const { diskTier } = await import(bundle)
const host = {
  cacheName: 'test',
  now: Date.now,
  news() {},
  problem: (problem) => say(`problem ${problem.kind} ${problem.error}`),
}
const KEYS = 200
const HOUR_MS = 3_600_000

function say(line) {
  writeSync(1, `${line}\n`)
}

const tier = diskTier({ path })
await tier.open(host)
say('open')
for (let number = 0; ; number += 10) {
  const writes = []
  for (let index = number; index < number + 10; index++) {
    const key = `key:${index % KEYS}`
    const text = `${round}.${index}`
    say(`asked ${key} ${text}`)
    const now = Date.now()
    const entry = {
      payload: Buffer.from(text.padEnd(index % 7 === 0 ? 9_000 : 100, ' ')),
      createdAt: now,
      expiresAt: now + HOUR_MS,
      keepUntil: now + HOUR_MS,
      tags: ['tag'],
    }
    writes.push(
      tier.set(key, entry).then((stored) => say(`${stored ? 'stored' : 'refused'} ${key} ${text}`)),
    )
  }
  await Promise.all(writes)
}
