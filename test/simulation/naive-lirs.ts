/** LIRS as naively as in naive-policies.ts: the stack is an array, lowest first, that is searched. */
import type { Naive } from './naive-policies.js'

export function lirs(capacity: number): Naive {
  const most = capacity - Math.max(1, Math.floor(capacity / 100))
  const lir = new Set<number>()
  let stack: number[] = []
  let queue: number[] = []
  let ghosts: number[] = []
  const without = (list: number[], key: number) => list.filter((other) => other !== key)

  const prune = () => {
    while (stack.length > 0 && !lir.has(stack[0])) {
      ghosts = without(ghosts, stack[0])
      stack.shift()
    }
  }
  const demote = () => {
    const lowest = stack.shift() as number
    lir.delete(lowest)
    queue.push(lowest)
    prune()
  }
  const evict = () => {
    if (queue.length === 0) demote()
    const victim = queue.shift() as number
    if (stack.includes(victim)) ghosts.push(victim)
    if (ghosts.length > 2 * capacity) stack = without(stack, ghosts.shift() as number)
  }
  return (key) => {
    const hit = lir.has(key) || queue.includes(key)
    const inStack = stack.includes(key)
    ghosts = without(ghosts, key)
    if (!hit && lir.size + queue.length === capacity) evict()
    stack = [...without(stack, key), key]
    if (!lir.has(key)) {
      queue = without(queue, key)
      // Used again while in the stack, or there is room for newcomers.
      if (most > 0 && (inStack || (!hit && lir.size < most))) lir.add(key)
      else queue.push(key)
    }
    while (lir.size > most) demote()
    prune()
    return hit
  }
}
