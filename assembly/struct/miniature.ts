// A miniature cache: which of a sample of keys a configuration of policy `adaptive` would hold, in how many
// bytes an eighth of a page has. Hashes stand for keys, and nodes are linked by their numbers. Written under the
// shard's lock.
//
//      0  nodes       128 x 8   | hash u32 | chain u8 | prev u8 | next u8 | state u8 |
//   1024  buckets      64 x u8  the first node of each chain
//   1088  counts        5 x u8  nodes in each queue (the first unused)
//   1096  free         u8       the first free node that was used before, linked by `chain`; 0: none
//   1097  bump         u8       nodes that were ever used
//   1100  accesses     u32      of late
//   1104  hits         u32      of these
//   1108  advantage    i32      hits that it has had more than the configuration in force
//
// state: queue | counter << 3. Queues: 0 none, 1 YOUNG, 2 OLD, 3 MAIN, 4 the ghost. Node 0 is none; nodes 124
// to 127 are the sentinels of the queues' circular lists.
//
// 1. A node in a queue is in the chain of its hash's bucket, and no other is in any chain.
// 2. A queue's count is the length of its list, and neighbours in it agree on being so, the sentinel too.
// Every number of a node is masked as it is read: whatever stands there, nothing outside is touched.

export const MINIATURE_BYTES: u32 = 1120
export const QUEUE_GHOST: u32 = 4
/** Nodes that may be in queues at a time: what a cache of MOST_RESIDENTS and its ghost take, and one more. */
export const MINIATURE_NODES: u32 = 123
export const MOST_RESIDENTS: u32 = 63

const NODE_MASK: u32 = 127
const BUCKETS: u32 = 64
const QUEUE_MASK: u32 = 7
const COUNTER_SHIFT: u32 = 3
const COUNTER_MASK: u32 = 3

export class Miniature {
  static reset(miniature: u32): void {
    memory.fill(miniature, 0, MINIATURE_BYTES)
    for (let queue: u32 = 1; queue <= QUEUE_GHOST; queue++) {
      const sentinel = Miniature.sentinel(queue)
      Miniature.setLinks(miniature, sentinel, sentinel, sentinel)
    }
  }

  /** The node of a hash; 0: there is none. */
  static find(miniature: u32, hash: u32): u32 {
    let node = u32(load<u8>(Miniature.bucket(miniature, hash)))
    for (let walked: u32 = 0; node != 0 && walked < MINIATURE_NODES; walked++) {
      if (Miniature.hash(miniature, node) == hash) return node
      node = Miniature.chain(miniature, node)
    }
    return 0
  }

  /** Puts a new node at the back of a queue. There is a free one (MINIATURE_NODES). */
  static add(miniature: u32, hash: u32, queue: u32): void {
    const node = Miniature.take(miniature)
    if (node == 0) return
    const bucket = Miniature.bucket(miniature, hash)
    store<u32>(Miniature.at(miniature, node), hash)
    store<u8>(Miniature.at(miniature, node), load<u8>(bucket), 4)
    store<u8>(bucket, u8(node))
    Miniature.enter(miniature, node, queue)
  }

  /** Frees a node. */
  static drop(miniature: u32, node: u32): void {
    Miniature.leave(miniature, node)
    Miniature.unchain(miniature, node)
    store<u8>(Miniature.at(miniature, node), load<u8>(miniature, 1096), 4)
    store<u8>(miniature, u8(node), 1096)
  }

  /** To the back of a queue, as one without hits. */
  static move(miniature: u32, node: u32, queue: u32): void {
    Miniature.leave(miniature, node)
    Miniature.enter(miniature, node, queue)
  }

  /** The node that has been in a queue for longest; 0: it is empty. */
  static tail(miniature: u32, queue: u32): u32 {
    const sentinel = Miniature.sentinel(queue)
    const node = Miniature.next(miniature, sentinel)
    return node == sentinel ? 0 : node
  }

  static hash(miniature: u32, node: u32): u32 {
    return load<u32>(Miniature.at(miniature, node))
  }

  static queue(miniature: u32, node: u32): u32 {
    return u32(load<u8>(Miniature.at(miniature, node), 7)) & QUEUE_MASK
  }

  static counter(miniature: u32, node: u32): u32 {
    return (u32(load<u8>(Miniature.at(miniature, node), 7)) >>> COUNTER_SHIFT) & COUNTER_MASK
  }

  static setCounter(miniature: u32, node: u32, counter: u32): void {
    const state = Miniature.queue(miniature, node) | (counter << COUNTER_SHIFT)
    store<u8>(Miniature.at(miniature, node), u8(state), 7)
  }

  static count(miniature: u32, queue: u32): u32 {
    return u32(load<u8>(miniature + queue, 1088))
  }

  static smallCount(miniature: u32): u32 {
    return Miniature.count(miniature, 1) + Miniature.count(miniature, 2)
  }

  static residents(miniature: u32): u32 {
    return Miniature.smallCount(miniature) + Miniature.count(miniature, 3)
  }

  static accesses(miniature: u32): u32 {
    return load<u32>(miniature, 1100)
  }

  static hits(miniature: u32): u32 {
    return load<u32>(miniature, 1104)
  }

  static setFigures(miniature: u32, accesses: u32, hits: u32): void {
    store<u32>(miniature, accesses, 1100)
    store<u32>(miniature, hits, 1104)
  }

  static advantage(miniature: u32): i32 {
    return load<i32>(miniature, 1108)
  }

  static setAdvantage(miniature: u32, advantage: i32): void {
    store<i32>(miniature, advantage, 1108)
  }

  /** 0, or the number of an invariant that does not hold. */
  static verify(miniature: u32): u32 {
    let queued: u32 = 0
    for (let queue: u32 = 1; queue <= QUEUE_GHOST; queue++) {
      if (!Miniature.isQueueSound(miniature, queue)) return 2
      queued += Miniature.count(miniature, queue)
    }
    let chained: u32 = 0
    for (let bucket: u32 = 0; bucket < BUCKETS; bucket++) {
      let node = u32(load<u8>(miniature + bucket, 1024))
      for (; node != 0 && chained <= queued; chained++) {
        if (Miniature.queue(miniature, node) == 0) return 1
        if (Miniature.find(miniature, Miniature.hash(miniature, node)) != node) return 1
        node = Miniature.chain(miniature, node)
      }
    }
    return chained == queued ? 0 : 1
  }

  private static isQueueSound(miniature: u32, queue: u32): bool {
    const sentinel = Miniature.sentinel(queue)
    let node = sentinel
    for (let walked = Miniature.count(miniature, queue); walked > 0; walked--) {
      const next = Miniature.next(miniature, node)
      if (next == sentinel || Miniature.prev(miniature, next) != node) return false
      if (Miniature.queue(miniature, next) != queue) return false
      node = next
    }
    return (
      Miniature.next(miniature, node) == sentinel && Miniature.prev(miniature, sentinel) == node
    )
  }

  private static take(miniature: u32): u32 {
    const free = u32(load<u8>(miniature, 1096)) & NODE_MASK
    if (free != 0) {
      store<u8>(miniature, u8(Miniature.chain(miniature, free)), 1096)
      return free
    }
    const bump = u32(load<u8>(miniature, 1097)) + 1
    if (bump > MINIATURE_NODES) return 0
    store<u8>(miniature, u8(bump), 1097)
    return bump
  }

  private static enter(miniature: u32, node: u32, queue: u32): void {
    const sentinel = Miniature.sentinel(queue)
    const last = Miniature.prev(miniature, sentinel)
    Miniature.setLinks(miniature, node, last, sentinel)
    store<u8>(Miniature.at(miniature, last), u8(node), 6)
    store<u8>(Miniature.at(miniature, sentinel), u8(node), 5)
    store<u8>(Miniature.at(miniature, node), u8(queue), 7)
    store<u8>(miniature + queue, u8(Miniature.count(miniature, queue) + 1), 1088)
  }

  private static leave(miniature: u32, node: u32): void {
    const prev = Miniature.prev(miniature, node)
    const next = Miniature.next(miniature, node)
    const queue = Miniature.queue(miniature, node)
    store<u8>(Miniature.at(miniature, prev), u8(next), 6)
    store<u8>(Miniature.at(miniature, next), u8(prev), 5)
    store<u8>(Miniature.at(miniature, node), 0, 7)
    store<u8>(miniature + queue, u8(Miniature.count(miniature, queue) - 1), 1088)
  }

  private static unchain(miniature: u32, node: u32): void {
    // Why an address: where the node is named, be it a bucket or the chain of another.
    let link = Miniature.bucket(miniature, Miniature.hash(miniature, node))
    for (let walked: u32 = 0; walked < MINIATURE_NODES; walked++) {
      const named = u32(load<u8>(link)) & NODE_MASK
      if (named == 0) return
      if (named == node) {
        store<u8>(link, u8(Miniature.chain(miniature, node)))
        return
      }
      link = Miniature.at(miniature, named) + 4
    }
  }

  private static sentinel(queue: u32): u32 {
    return MINIATURE_NODES + queue
  }

  private static setLinks(miniature: u32, node: u32, prev: u32, next: u32): void {
    store<u8>(Miniature.at(miniature, node), u8(prev), 5)
    store<u8>(Miniature.at(miniature, node), u8(next), 6)
  }

  private static chain(miniature: u32, node: u32): u32 {
    return u32(load<u8>(Miniature.at(miniature, node), 4)) & NODE_MASK
  }

  private static prev(miniature: u32, node: u32): u32 {
    return u32(load<u8>(Miniature.at(miniature, node), 5)) & NODE_MASK
  }

  private static next(miniature: u32, node: u32): u32 {
    return u32(load<u8>(Miniature.at(miniature, node), 6)) & NODE_MASK
  }

  private static at(miniature: u32, node: u32): u32 {
    return miniature + ((node & NODE_MASK) << 3)
  }

  /** Why the upper bits: the lower ones have chosen the shard. */
  private static bucket(miniature: u32, hash: u32): u32 {
    return miniature + 1024 + ((hash >>> 20) & (BUCKETS - 1))
  }
}
