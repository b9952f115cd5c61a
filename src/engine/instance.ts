/** An instance of the engine: one serves one thread's slot on one memory. */
import * as layout from '../../assembly/constants.js'
import type { EngineExports, EngineImports } from './exports.js'
import { engineModule, extraImports, STRINGS } from './module.js'

/** Processors that never reorder loads. */
const STRONGLY_ORDERED: ReadonlySet<string> = new Set(['x64', 'ia32'])

/** For where they are not built in. */
const STRING_CALLS = {
  charCodeAt: (text: string, index: number) => text.charCodeAt(index),
}

/** What the engine asks of its host while it runs. */
export type HostCalls = Pick<EngineImports, 'now' | 'park' | 'removed' | 'isDead'>

/** @param thread where the area of the thread's slot begins */
export function instantiateOn(
  memory: WebAssembly.Memory,
  words: Int32Array,
  thread: number,
  calls: HostCalls,
): EngineExports {
  const control = (field: number): number => words[(layout.CONTROL_PTR + field) >>> 2] >>> 0
  return instantiate({
    memory,
    threadPtr: thread,
    stampsPtr: control(layout.CONTROL_STAMPS_PTR),
    stampMask: control(layout.CONTROL_STAMP_COUNT) - 1,
    tagsPtr: control(layout.CONTROL_TAGS_PTR),
    tagMask: control(layout.CONTROL_TAG_BUCKETS) - 1,
    shardsPtr: control(layout.CONTROL_SHARDS_PTR),
    shardMask: control(layout.CONTROL_SHARD_COUNT) - 1,
    pageTablePtr: control(layout.CONTROL_PAGE_TABLE_PTR),
    pagesPtr: control(layout.CONTROL_PAGES_PTR),
    pagesBytes: control(layout.CONTROL_PAGE_COUNT) * layout.PAGE_BYTES,
    weaklyOrdered: STRONGLY_ORDERED.has(process.arch) ? 0 : 1,
    policyKind: control(layout.CONTROL_POLICY),
    ...calls,
  })
}

/** On a memory that has no geometry yet. */
export function instantiateUnplanned(memory: WebAssembly.Memory): EngineExports {
  return instantiate({
    memory,
    threadPtr: 0,
    stampsPtr: 0,
    stampMask: 0,
    tagsPtr: 0,
    tagMask: 0,
    shardsPtr: 0,
    shardMask: 0,
    pageTablePtr: 0,
    pagesPtr: 0,
    pagesBytes: 0,
    weaklyOrdered: 0,
    policyKind: 0,
    now: () => 0,
    park: () => 0,
    removed() {},
    isDead: () => 0,
  })
}

function instantiate(env: EngineImports): EngineExports {
  const imports = {
    env,
    [STRINGS]: STRING_CALLS,
    ...extraImports(),
  } as unknown as WebAssembly.Imports
  return new WebAssembly.Instance(engineModule(), imports).exports as unknown as EngineExports
}
