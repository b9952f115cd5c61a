/**
 * What kind of object one is, told by its prototypes: how to look through it, and whether msgpackr
 * treats it as what it is.
 *
 * 1. The answer depends on the prototype alone and is kept for each, so it costs one WeakMap lookup.
 * 2. Only JavaScript's own data types and classes written in JavaScript can be stored. An instance
 *    of such a class becomes a plain object of its own enumerable fields, as in structuredClone.
 * 3. Whatever else the runtime brings (promises, weak collections, handles) is refused by name.
 */

export interface Shape {
  walk: 'fields' | 'map' | 'set' | 'error' | 'leaf' | 'refused'
  /** What to call it in an error: `'a WeakMap'`. */
  name: string
  /** msgpackr would make something else of it; V8's own serializer would not. */
  inexact: boolean
  /** An instance without fields, of such a class, keeps its state where it cannot be stored. */
  hidesState: boolean
}

const ERRORS = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]
const PLAIN_LEAVES = ['Date', 'RegExp', 'ArrayBuffer', 'DataView']
const BOXED = ['Number', 'String', 'Boolean', 'BigInt']
// Those that msgpackr knows; it takes the name from the constructor, so subclasses are unknown.
const TYPED_ARRAYS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]

const NATIVE_SOURCE = /\{\s*\[native code\]\s*\}$/

const shapes = new WeakMap<object, Shape>()
const WITHOUT_PROTOTYPE: Shape = {
  walk: 'fields',
  name: 'an object',
  inexact: false,
  hidesState: false,
}

export function shapeOf(value: object): Shape {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === null) return WITHOUT_PROTOTYPE
  let shape = shapes.get(prototype)
  if (shape === undefined) {
    shape = classify(prototype)
    shapes.set(prototype, shape)
  }
  return shape
}

function classify(prototype: object): Shape {
  const base = nativeBase(prototype)
  const native = base === undefined ? 'none' : base.name
  // A type of another realm (a vm context) is not the one that msgpackr compares with.
  const foreign = base !== undefined && (globalThis as Record<string, unknown>)[native] !== base
  const derived = base === undefined || prototype !== base.prototype
  const name = withArticle(constructorName(prototype) ?? native)

  if (native === 'Object' || base === undefined) {
    if ('on' in prototype && 'emit' in prototype) return refused(`${name}, an event emitter`)
    const hidesState = derived && looksInhabited(prototype)
    return { walk: 'fields', name, inexact: base === undefined, hidesState }
  }
  if (prototype === Buffer.prototype) return leaf(name, false)
  if (native === 'Map') return { ...leaf(name, foreign || derived), walk: 'map' }
  if (native === 'Set') return { ...leaf(name, foreign), walk: 'set' }
  if (ERRORS.includes(native)) return { ...leaf(name, foreign), walk: 'error' }
  if (PLAIN_LEAVES.includes(native)) return leaf(name, foreign)
  if (TYPED_ARRAYS.includes(native)) return leaf(name, foreign || derived)
  if (BOXED.includes(native) || native === 'Float16Array') return leaf(name, true)
  if (native === 'AggregateError') return refused(`${name}, whose list of errors would be lost`)
  return refused(name)
}

/** The constructor that the runtime brings and that this prototype, in the end, comes from. */
function nativeBase(prototype: object): { name: string; prototype: object } | undefined {
  for (let link: object | null = prototype; link !== null; link = Object.getPrototypeOf(link)) {
    const maker = Object.getOwnPropertyDescriptor(link, 'constructor')?.value
    if (typeof maker !== 'function') continue
    if (NATIVE_SOURCE.test(Function.prototype.toString.call(maker))) return maker
  }
  return undefined
}

function constructorName(prototype: object): string | undefined {
  for (let link: object | null = prototype; link !== null; link = Object.getPrototypeOf(link)) {
    const tag = Object.getOwnPropertyDescriptor(link, Symbol.toStringTag)?.value
    if (typeof tag === 'string' && tag !== '') return tag
    const name = Object.getOwnPropertyDescriptor(link, 'constructor')?.value?.name
    if (typeof name === 'string' && name !== '') return name
  }
  return undefined
}

/** Getters read state from somewhere; so do the runtime's own iterators, which have a tag. */
function looksInhabited(prototype: object): boolean {
  for (let link: object | null = prototype; link !== null; link = Object.getPrototypeOf(link)) {
    if (Object.getPrototypeOf(link) === null) return false
    if (Object.hasOwn(link, Symbol.toStringTag)) return true
    const properties = Object.values(Object.getOwnPropertyDescriptors(link))
    if (properties.some((property) => property.get !== undefined)) return true
  }
  return false
}

function withArticle(name: string): string {
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`
}

function leaf(name: string, inexact: boolean): Shape {
  return { walk: 'leaf', name, inexact, hidesState: false }
}

function refused(name: string): Shape {
  return { walk: 'refused', name, inexact: false, hidesState: false }
}
