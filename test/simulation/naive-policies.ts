/**
 * What the policies are meant to do with objects of one size, written as plainly as can be: arrays, oldest
 * first, that are searched. Those from papers follow the text there case by case.
 */

export type Naive = (key: number) => boolean

function take<Item>(list: Item[], item: Item): boolean {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}

function lru(capacity: number): Naive {
  const queue: number[] = []
  return (key) => {
    const hit = take(queue, key)
    if (!hit && queue.length === capacity) queue.shift()
    queue.push(key)
    return hit
  }
}

function fifo(capacity: number): Naive {
  const queue: number[] = []
  return (key) => {
    if (queue.includes(key)) return true
    if (queue.length === capacity) queue.shift()
    queue.push(key)
    return false
  }
}

/** A real clock: a ring of frames, and a hand that goes round. */
function clock(capacity: number): Naive {
  const frames: { key: number; used: boolean }[] = []
  let hand = 0
  const advance = () => {
    hand = (hand + 1) % capacity
  }
  return (key) => {
    const found = frames.find((frame) => frame.key === key)
    if (found !== undefined) found.used = true
    if (found !== undefined) return true
    if (frames.length < capacity) {
      frames.push({ key, used: false })
      return false
    }
    for (; frames[hand].used; advance()) frames[hand].used = false
    frames[hand] = { key, used: false }
    advance()
    return false
  }
}

function sieve(capacity: number): Naive {
  const queue: { key: number; used: boolean }[] = []
  let hand = 0
  return (key) => {
    const found = queue.find((entry) => entry.key === key)
    if (found !== undefined) found.used = true
    if (found !== undefined) return true
    if (queue.length === capacity) {
      for (; queue[hand % capacity].used; hand++) queue[hand % capacity].used = false
      hand %= capacity
      queue.splice(hand, 1)
      // Why: what came after the victim is at the hand now; behind the newest it is at the oldest again.
      if (hand === queue.length) hand = 0
    }
    queue.push({ key, used: false })
    return false
  }
}

/** Least frequently used; with aging, the counts of newcomers and hits begin from the last victim's. */
function lfu(capacity: number, ages: boolean): Naive {
  const entries: { key: number; uses: number; rank: number; at: number }[] = []
  let age = 0
  let now = 0
  return (key) => {
    const found = entries.find((entry) => entry.key === key)
    if (found !== undefined) {
      found.uses++
      Object.assign(found, { rank: age + found.uses, at: now++ })
      return true
    }
    if (entries.length === capacity) {
      entries.sort((a, b) => a.rank - b.rank || a.at - b.at)
      const victim = entries.shift()
      if (ages) age = victim?.rank ?? 0
    }
    entries.push({ key, uses: 1, rank: age + 1, at: now++ })
    return false
  }
}

function twoQueues(capacity: number): Naive {
  const [incoming, main, ghosts] = [[], [], []] as number[][]
  const incomingMost = Math.max(1, Math.floor(capacity / 4))
  const reclaim = () => {
    if (incoming.length + main.length < capacity) return
    if (incoming.length <= incomingMost && main.length > 0) {
      main.shift()
      return
    }
    ghosts.push(incoming.shift() as number)
    if (ghosts.length > Math.floor(capacity / 2)) ghosts.shift()
  }
  return (key) => {
    if (incoming.includes(key)) return true
    if (take(main, key)) {
      main.push(key)
      return true
    }
    const known = take(ghosts, key)
    reclaim()
    if (known) main.push(key)
    else incoming.push(key)
    return false
  }
}

/** Figure 4 of the paper, with its cases I to IV. */
function arc(c: number): Naive {
  const [t1, t2, b1, b2] = [[], [], [], []] as number[][]
  let p = 0
  const replace = (inB2: boolean) => {
    if (t1.length > 0 && (t1.length > p || (inB2 && t1.length === p))) b1.push(t1.shift() as number)
    else b2.push(t2.shift() as number)
  }
  return (key) => {
    if (take(t1, key) || take(t2, key)) {
      t2.push(key)
      return true
    }
    if (b1.includes(key) || b2.includes(key)) {
      const inB2 = b2.includes(key)
      if (inB2) p = Math.max(0, p - Math.max(1, b1.length / b2.length))
      else p = Math.min(c, p + Math.max(1, b2.length / b1.length))
      replace(inB2)
      take(inB2 ? b2 : b1, key)
      t2.push(key)
      return false
    }
    const total = t1.length + t2.length + b1.length + b2.length
    if (t1.length + b1.length === c) {
      if (t1.length < c) {
        b1.shift()
        replace(false)
      } else t1.shift()
    } else if (total >= c) {
      if (total === 2 * c) b2.shift()
      replace(false)
    }
    t1.push(key)
    return false
  }
}

function s3Fifo(capacity: number): Naive {
  interface Entry {
    key: number
    hits: number
  }
  const [small, main] = [[], []] as Entry[][]
  const ghosts: number[] = []
  const smallMost = Math.max(1, Math.floor(capacity / 10))
  let full = false
  const step = () => {
    full = true
    if (small.length >= smallMost || main.length === 0) {
      const entry = small.shift() as Entry
      if (entry.hits > 1) main.push({ key: entry.key, hits: 0 })
      else ghosts.push(entry.key)
      if (ghosts.length > capacity - smallMost) ghosts.shift()
      return
    }
    const entry = main.shift() as Entry
    if (entry.hits > 0) main.push({ key: entry.key, hits: entry.hits - 1 })
  }
  return (key) => {
    const found = [...small, ...main].find((entry) => entry.key === key)
    if (found !== undefined) found.hits = Math.min(3, found.hits + 1)
    if (found !== undefined) return true
    const known = take(ghosts, key)
    while (small.length + main.length === capacity) step()
    const intoMain = known || (!full && small.length === smallMost)
    if (intoMain) main.push({ key, hits: 0 })
    else small.push({ key, hits: 0 })
    return false
  }
}

export const NAIVE: Record<string, (capacity: number) => Naive> = {
  'lru-sim': lru,
  'fifo-sim': fifo,
  'lfu-sim': (capacity) => lfu(capacity, false),
  gdsf: (capacity) => lfu(capacity, true),
  clock,
  sieve,
  '2q': twoQueues,
  arc,
  's3-fifo': s3Fifo,
}

/** The most hits that are possible at all, by trying every choice; for few keys and short lists. */
export function mostHits(keys: readonly number[], capacity: number): number {
  const known = new Map<string, number>()
  const best = (index: number, held: readonly number[]): number => {
    if (index === keys.length) return 0
    const state = `${index}:${held}`
    const found = known.get(state) ?? Math.max(...choices(index, held))
    known.set(state, found)
    return found
  }
  const choices = (index: number, held: readonly number[]): number[] => {
    const key = keys[index]
    if (held.includes(key)) return [1 + best(index + 1, held)]
    const added = [...held, key].sort()
    if (held.length < capacity) return [best(index + 1, added)]
    return added.map((victim) =>
      best(
        index + 1,
        added.filter((other) => other !== victim),
      ),
    )
  }
  return best(0, [])
}
