/** A whole trace as the simulations take it: keys numbered in the order of their first request, no sizes. */
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import type { Requests } from '../../src/simulation/simulation.js'

export async function readRequests(path: string): Promise<Requests> {
  const ids = new Map<string, number>()
  const keys: number[] = []
  const trace = new FileTrace(await describeFiles([path], undefined, {}))
  for await (const block of trace.blocks()) {
    for (let index = 0; index < block.length; index++) {
      const id = ids.get(block.keys[index]) ?? ids.size
      ids.set(block.keys[index], id)
      keys.push(id)
    }
  }
  return { length: keys.length, keys: Uint32Array.from(keys), bytes: undefined }
}
