// The pool of pages that no shard holds. Under its own lock; a shard's lock may be held around it,
// never the other way about.
//
// 1. Every page below the bump is in the pool's list or owned by one shard; none from the bump on is.
// 2. free count == length of the list + pages from the bump on.

import { CLASS_FREE_PAGE } from '../constants'
import { Control } from '../struct/control'
import { Page } from '../struct/page'
import { Lock } from '../sync/lock'

export class Pool {
  /** A page for the shard, 0 if there is none. Used pages first: they are resident already. */
  static take(sizeClass: u32, shardIndex: u32): u32 {
    if (Control.poolFreeCount() == 0) return 0
    if (!Lock.acquire(Control.poolLockPtr())) return 0
    const page = Pool.pop()
    if (page != 0) Page.init(page, sizeClass, shardIndex)
    Lock.release(Control.poolLockPtr())
    return page
  }

  /** Gives an empty page back. Waits as long as it takes: the pool's lock is held for nanoseconds. */
  static give(page: u32): void {
    const locked = Lock.acquire(Control.poolLockPtr())
    Page.init(page, CLASS_FREE_PAGE, 0)
    Page.setNext(page, Control.poolFreeHead())
    Control.setPoolFreeHead(Page.index(page) + 1)
    Control.setPoolFreeCount(Control.poolFreeCount() + 1)
    if (locked) Lock.release(Control.poolLockPtr())
  }

  private static pop(): u32 {
    const head = Control.poolFreeHead()
    if (head != 0) {
      const page = Page.at(head - 1)
      Control.setPoolFreeHead(Page.next(page))
      Control.setPoolFreeCount(Control.poolFreeCount() - 1)
      return page
    }
    const bump = Control.poolBump()
    if (bump == Control.pageCount()) return 0
    Control.setPoolBump(bump + 1)
    Control.setPoolFreeCount(Control.poolFreeCount() - 1)
    return Page.at(bump)
  }
}
