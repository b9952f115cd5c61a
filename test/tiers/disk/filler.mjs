/**
 * A process that writes more than the disk has room for: `node filler.mjs bundle path`. It prints, as JSON,
 * what became of that. A rejection that nobody handles ends it with an error.
 */
const [bundle, path] = process.argv.slice(2)
const { diskTier } = await import(bundle)
const problems = []
const host = {
  cacheName: 'test',
  now: Date.now,
  news() {},
  problem: ({ kind }) => problems.push(kind),
}
const HOUR_MS = 3_600_000
const ENTRIES = 1_500

const tier = diskTier({ path })
await tier.open(host)
const result = { stored: 0, refused: 0, rejected: 0, wrong: 0, storedAfterRefusal: 0, found: 0 }
for (let number = 0; number < ENTRIES; number++) {
  const now = Date.now()
  const entry = {
    payload: Buffer.from(`${number}`.padEnd(3_000, '.')),
    createdAt: now,
    expiresAt: now + HOUR_MS,
    keepUntil: now + HOUR_MS + number,
    tags: [],
  }
  try {
    const isStored = await tier.set(`key:${number}`, entry)
    if (!isStored) result.refused++
    else {
      result.stored++
      if (result.refused > 0) result.storedAfterRefusal++
      const found = await tier.get(`key:${number}`)
      if (found.entry === undefined || !entry.payload.equals(found.entry.payload)) result.wrong++
    }
  } catch {
    result.rejected++
  }
}
for (let number = 0; number < ENTRIES; number++) {
  const { entry } = await tier.get(`key:${number}`)
  if (entry === undefined) continue
  result.found++
  if (Number.parseInt(Buffer.from(entry.payload).toString(), 10) !== number) result.wrong++
}
await tier.close()
console.log(JSON.stringify({ ...result, problems: [...new Set(problems)] }))
