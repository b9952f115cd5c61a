// The pool of pages that no shard holds. Under its own lock; a shard's lock may be held around it,
// never the other way about.
//
// What is in the pool, the page table tells; list and counts follow from it. So where the lock's owner died, or
// a page came back while the lock was not to be had, they are made anew.
//
// 1. Every page below the bump is in the pool's list or owned by one shard; none from the bump on is.
// 2. free count == length of the list + pages from the bump on.
// 3. The last `reserve` pages are not handed out: their bytes are those of threads' areas.

import { CLASS_FREE_PAGE, PAGE_BYTES, THREAD_BYTES } from '../constants'
import { Control } from '../struct/control'
import { Page } from '../struct/page'
import { Registry } from '../struct/registry'
import { ACQUIRED, Lock, TIMED_OUT } from '../sync/lock'

const PAGES_PER_THREAD: u32 = (THREAD_BYTES + PAGE_BYTES - 1) / PAGE_BYTES

export class Pool {
  static isDry(): bool {
    return Control.poolFreeCount() <= Control.poolReserve()
  }

  /** Whether fewer than so many pages can still be had. */
  static isLow(pages: u32): bool {
    return Control.poolFreeCount() < Control.poolReserve() + pages
  }

  /** Whether shards hold pages that the reserve has a claim on. */
  static isOverdrawn(): bool {
    return Control.poolFreeCount() < Control.poolReserve()
  }

  /** A page for the shard, 0 if there is none. Used pages first: they are resident already. */
  static take(sizeClass: u32, shardIndex: u32): u32 {
    if (Pool.isDry() || !Pool.lock()) return 0
    const page = Pool.isDry() ? 0 : Pool.pop()
    if (page != 0) Page.lend(page, sizeClass, shardIndex)
    Lock.release(Control.poolLockPtr())
    return page
  }

  /** Gives an empty page back. */
  static give(page: u32): void {
    if (Pool.lock()) {
      Page.reclaim(page)
      Page.setNext(page, Control.poolFreeHead())
      Control.setPoolFreeHead(Page.index(page) + 1)
      Control.setPoolFreeCount(Control.poolFreeCount() + 1)
      Lock.release(Control.poolLockPtr())
    } else {
      Page.reclaim(page)
      Control.countPoolStray()
    }
  }

  /** Keeps pages back for the areas of all threads but the first, whose bytes are counted elsewhere. */
  static updateReserve(leaving: u32): bool {
    if (!Pool.lock()) return false
    const threads = Registry.count() - leaving
    Control.setPoolReserve(threads <= 1 ? 0 : (threads - 1) * PAGES_PER_THREAD)
    Lock.release(Control.poolLockPtr())
    return true
  }

  /** Takes the lock back that the dead thread of a slot held, if it did. */
  static recover(slot: u32): void {
    if (!Lock.takeFrom(Control.poolLockPtr(), slot)) return
    Pool.rebuild()
    Lock.release(Control.poolLockPtr())
  }

  /** False if the lock was not to be had in time. */
  static lock(): bool {
    const outcome = Lock.acquire(Control.poolLockPtr())
    if (outcome == TIMED_OUT) return false
    if (outcome != ACQUIRED || Control.poolStrays() != 0) Pool.rebuild()
    return true
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
    // Order: a page below the bump is never without its class.
    Page.reclaim(Page.at(bump))
    Control.setPoolBump(bump + 1)
    Control.setPoolFreeCount(Control.poolFreeCount() - 1)
    return Page.at(bump)
  }

  private static rebuild(): void {
    // Order: a page that strays from here on is either seen below or makes for another rebuild.
    Control.clearPoolStrays()
    const bump = Control.poolBump()
    let head: u32 = 0
    let count = Control.pageCount() - bump
    for (let index = bump; index > 0; index--) {
      const page = Page.at(index - 1)
      if (Page.sizeClass(page) != CLASS_FREE_PAGE) continue
      Page.setNext(page, head)
      head = index
      count++
    }
    Control.setPoolFreeHead(head)
    Control.setPoolFreeCount(count)
  }
}
