/** How one waits for an implementation's answers: an implementation says it of its gets and of its sets. */

/** The answer is there when the call returns. */
export const AT_ONCE = 'at once'
/** A promise from within this process, awaited before the next call, as a request handler does. */
export const AWAITED = 'awaited'
/** A promise from outside of this thread: the calls of a batch go out together and are awaited together. */
export const TOGETHER = 'together'
