/**
 * Public traces, replayed. They are no part of the repository: a folder beside it has them, or the one that
 * HOTSET_TRACES names.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importBuilt } from '../harness/build.mjs'
import { publishedCells } from './published-hit-ratios.mjs'

const folder =
  process.env.HOTSET_TRACES ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url))
const SMOKE_TRACES = ['loop.lirs.gz', 'multi2.lirs.gz']
const SMOKE_REQUESTS = 20_000
const BYTES_PER_ENTRY = 256
const VALUE = true

/** Why not, if so. @param names of files; default: those of the published table */
export function tracesUnavailable(names = publishedCells().map(({ trace }) => trace)) {
  const missing = names.find((name) => !existsSync(`${folder}/${name}`))
  return missing === undefined ? undefined : `there is no ${missing} in ${folder}`
}

/**
 * Cases of so many entries and more, one a cell of the table; those of one trace run together.
 * @param {number} [requests] of a trace; default: all
 */
export function traceCases(leastEntries = 1, requests = undefined) {
  return publishedCells()
    .filter(({ entries }) => entries >= leastEntries)
    .map((cell) => {
      const name = `${cell.trace.split('.')[0]}, ${cell.entries.toLocaleString('en')}`
      return { name, together: cell.trace, ...cell, ...(requests !== undefined && { requests }) }
    })
}

export function smokeTraceCases(leastEntries = 1) {
  return traceCases(leastEntries, SMOKE_REQUESTS).filter(({ trace }) =>
    SMOKE_TRACES.includes(trace),
  )
}

/** Options of a cache that is bounded by entries alone. */
export function boundedBy(entries) {
  return { maxBytes: 2 ** 24 + entries * BYTES_PER_ENTRY, maxEntries: entries }
}

/**
 * Read-through: what is not there is stored.
 * @param {Trace} trace
 * @param {import('../../src/index.js').SharedCache} cache
 * @returns {number} how many of a hundred requests hit
 */
export function hitPercentOf({ keys, order }, cache) {
  let hits = 0
  for (let at = 0; at < order.length; at++) {
    const key = keys[order[at]]
    if (cache.get(key) === VALUE) hits++
    else cache.set(key, VALUE)
  }
  return (hits / order.length) * 100
}

let loaded

/**
 * @typedef {{ keys: string[], order: ArrayLike<number> }} Trace each key once, and which one each request is for
 *
 * The one that was loaded last is kept: those of one trace follow each other.
 * @returns {Promise<Trace>}
 */
export async function loadTrace(name, requests = Number.POSITIVE_INFINITY) {
  if (loaded?.name !== name || loaded.requests !== requests)
    loaded = { name, requests, trace: await readTrace(`${folder}/${name}`, requests) }
  return loaded.trace
}

/**
 * A trace that tells sizes, and how large the object of each request is.
 * @param {object} layout of its columns, where it has them
 * @returns {Promise<Trace & { bytes: ArrayLike<number> }>}
 */
export async function loadSizedTrace(name, requests, layout) {
  const bytes = []
  const trace = await readTrace(`${folder}/${name}`, requests, layout, (size) => bytes.push(size))
  return { ...trace, bytes: Uint32Array.from(bytes) }
}

async function readTrace(path, requests, layout = {}, onSize = undefined) {
  const { describeFiles, FileTrace } = await importBuilt('src/replay/trace.js')
  const indexByKey = new Map()
  const order = []
  const format = layout.columns === undefined ? undefined : 'columns'
  for await (const block of new FileTrace(await describeFiles([path], format, layout)).blocks()) {
    for (let at = 0; at < block.length && order.length < requests; at++) {
      const key = block.keys[at]
      let index = indexByKey.get(key)
      if (index === undefined) {
        index = indexByKey.size
        indexByKey.set(key, index)
      }
      order.push(index)
      onSize?.(Math.max(1, block.sizeBytes[at]))
    }
    if (order.length >= requests) break
  }
  return { keys: [...indexByKey.keys()], order: Uint32Array.from(order) }
}
