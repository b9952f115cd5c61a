// Circular doubly linked lists of link pairs. A pair lives inside an entry (or stands alone, as a
// list's sentinel) and refers to other pairs by address, so that taking one out needs no list.
//
//   0        4        8
//   | prev   | next   |     both under the shard's lock
//
// 1. A pair outside any list is (0, 0); an empty list's sentinel refers to itself.
// 2. pair.next.prev == pair == pair.prev.next.
// Every operation costs a fixed number of loads and stores.

export class Links {
  static prev(pair: u32): u32 {
    return load<u32>(pair)
  }

  static next(pair: u32): u32 {
    return load<u32>(pair, 4)
  }

  static set(pair: u32, prev: u32, next: u32): void {
    store<u32>(pair, prev)
    store<u32>(pair, next, 4)
  }

  /** Makes `sentinel` an empty list. */
  static init(sentinel: u32): void {
    Links.set(sentinel, sentinel, sentinel)
  }

  static isEmpty(sentinel: u32): bool {
    return Links.next(sentinel) == sentinel
  }

  static isLinked(pair: u32): bool {
    return Links.next(pair) != 0
  }

  static pushBack(sentinel: u32, pair: u32): void {
    assert(pair != sentinel)
    const last = Links.prev(sentinel)
    Links.set(pair, last, sentinel)
    store<u32>(last, pair, 4)
    store<u32>(sentinel, pair)
  }

  static unlink(pair: u32): void {
    const prev = Links.prev(pair)
    const next = Links.next(pair)
    // In the release build two loads stay of these, and earn their time: stores to lines that are not at hand are
    // made one after the other, loads at once (a set that overwrites under `lru` is 15% slower without).
    assert(Links.next(prev) == pair)
    assert(Links.prev(next) == pair)
    store<u32>(prev, next, 4)
    store<u32>(next, prev)
    Links.set(pair, 0, 0)
  }

  static moveToBack(sentinel: u32, pair: u32): void {
    Links.unlink(pair)
    Links.pushBack(sentinel, pair)
  }

  /** The pair at `to` takes the place of the one at `from` (whose contents were copied or not). */
  static replace(from: u32, to: u32): void {
    const prev = Links.prev(from)
    const next = Links.next(from)
    Links.set(to, prev, next)
    store<u32>(prev, to, 4)
    store<u32>(next, to)
  }
}
