/**
 * Makes of the engine as it ships one that tells what it does: each access to memory calls the host before
 * it happens, and each run of instructions when it begins. So it can be counted where the processor's own
 * counters cannot be read; the counts are those of the wasm, the same on every machine.
 *
 * Works on the folded text format, in which the first operand of each access is its address:
 *
 *   (i32.load offset=8 (local.get $0))  ->  (i32.load offset=8 (call $touch (local.get $0) 8, 4, 0))
 *
 * 1. What the engine computes stays as it is.
 * 2. An instruction is counted if it runs, but for those behind a branch out of the middle of an operand.
 *    Constants and locals are none: to a processor they are operands.
 */
import binaryen from 'assemblyscript/binaryen'
import { importBuilt } from '../harness/build.mjs'

const { ENGINE_BYTES_BASE64 } = await importBuilt('src/engine/engine-bytes.generated.js')

const ACCESS = /^(?:[if]\d+|v128)\.(?:atomic\.)?(?:load|store|rmw)/
const NOTIFY = 'memory.atomic.notify'
const IS_STORE = /\.(?:store|rmw)/
const PARTIAL_BYTES = /(?:load|store|rmw)(8|16|32|64)/
const TYPE_BYTES = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }
const OPERAND = /^(?:local|global)\.|\.const$|^drop$/
const BRANCHES = new Set(['br', 'br_if', 'br_table', 'return', 'unreachable'])
/** Whose instructions are counted apart from those around them. */
const SEQUENCES = new Set(['block', 'loop', 'then', 'else', 'func'])
/** What stands in a sequence before its instructions. */
const DECLARATIONS = new Set(['type', 'param', 'result', 'local', 'export'])
/** One instruction each, but for all bytes between. */
const BULK = {
  'memory.copy': '$copy',
  'memory.fill': '$fill',
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g
const COMMENT = /;;.*$|\(;[\s\S]*?;\)/gm

const HOST_CALLS = [
  '(import "trace" "touch" (func $touch (param i32 i32 i32 i32) (result i32)))',
  '(import "trace" "count" (func $count (param i32)))',
]

const BULK_FUNCTIONS = [
  `(func $copy (param $to i32) (param $from i32) (param $bytes i32)
     (memory.copy
       (call $touch (local.get $to) (i32.const 0) (local.get $bytes) (i32.const 1))
       (call $touch (local.get $from) (i32.const 0) (local.get $bytes) (i32.const 0))
       (local.get $bytes)))`,
  `(func $fill (param $to i32) (param $value i32) (param $bytes i32)
     (memory.fill
       (call $touch (local.get $to) (i32.const 0) (local.get $bytes) (i32.const 1))
       (local.get $value)
       (local.get $bytes)))`,
]

/** The engine of the build that is measured. @returns {WebAssembly.Module} */
export function compileCountingEngine() {
  return new WebAssembly.Module(instrument(Buffer.from(ENGINE_BYTES_BASE64, 'base64')))
}

/**
 * @param {Uint8Array} bytes a module
 * @returns {Uint8Array} one that imports `trace.touch(address, offset, bytes, isStore)`, which answers the
 *   address, and `trace.count(instructions)` besides
 */
export function instrument(bytes) {
  const plain = binaryen.readBinary(bytes)
  const tree = parse(plain.emitText())
  plain.dispose()
  const [head, ...parts] = tree
  const isImport = (part) => part[0] === 'import'
  const isBehind = (part) => part[0] !== 'type' && !isImport(part)
  const changed = [
    head,
    ...parts.filter((part) => part[0] === 'type'),
    ...parts.filter(isImport),
    ...HOST_CALLS.map(parse),
    ...parts.filter(isBehind).map((part) => (part[0] === 'func' ? withCounts(part) : part)),
    ...BULK_FUNCTIONS.map(parse),
  ]
  const module = binaryen.parseText(print(changed))
  try {
    module.setFeatures(binaryen.Features.All)
    if (!module.validate()) throw new Error('the engine that counts is no valid module')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

/** A sequence with a count before each of its runs: up to and with what may branch out of it. */
function withCounts(sequence) {
  const changed = []
  let run = []
  let instructions = 0
  const endRun = () => {
    if (instructions > 0) changed.push(['call', '$count', constant(instructions)])
    changed.push(...run)
    run = []
    instructions = 0
  }
  for (const part of sequence) {
    if (!Array.isArray(part) || DECLARATIONS.has(part[0])) {
      changed.push(part)
      continue
    }
    instructions += countOf(part)
    run.push(withTouches(part))
    if (mayBranch(part)) endRun()
  }
  endRun()
  return changed
}

/** An instruction with its operands. */
function withTouches(node) {
  const [name] = node
  if (SEQUENCES.has(name)) return withCounts(node)
  const changed = node.map((part) =>
    Array.isArray(part) && !DECLARATIONS.has(part[0]) ? withTouches(part) : part,
  )
  if (BULK[name] !== undefined) return ['call', BULK[name], ...changed.slice(1)]
  if (!ACCESS.test(name) && name !== NOTIFY) return changed
  const address = changed.findIndex(Array.isArray)
  const offset = changed.find((part) => typeof part === 'string' && part.startsWith('offset='))
  changed[address] = [
    'call',
    '$touch',
    changed[address],
    constant(Number(offset?.slice('offset='.length) ?? 0)),
    constant(bytesOf(name)),
    constant(IS_STORE.test(name) ? 1 : 0),
  ]
  return changed
}

/** How many instructions run for certain when this one does: nested sequences count their own. */
function countOf(node) {
  const [name, ...rest] = node
  if (name === 'block' || name === 'loop') return 0
  let count = OPERAND.test(name) ? 0 : 1
  for (const part of rest) {
    if (Array.isArray(part) && !SEQUENCES.has(part[0]) && !DECLARATIONS.has(part[0])) {
      count += countOf(part)
    }
  }
  return count
}

function mayBranch(node) {
  return BRANCHES.has(node[0]) || node.some((part) => Array.isArray(part) && mayBranch(part))
}

function bytesOf(name) {
  const partial = PARTIAL_BYTES.exec(name)
  if (partial !== null) return Number(partial[1]) / 8
  return TYPE_BYTES[name.split('.')[0]] ?? 4
}

function constant(value) {
  return ['i32.const', String(value)]
}

function parse(text) {
  const root = []
  const open = [root]
  for (const [token] of text.replace(COMMENT, '').matchAll(TOKEN)) {
    if (token === '(') open.push([])
    else if (token === ')') {
      const done = open.pop()
      open.at(-1).push(done)
    } else open.at(-1).push(token)
  }
  return root[0]
}

function print(node) {
  return Array.isArray(node) ? `(${node.map(print).join(' ')})\n` : node
}
