/** A member of a team that does what the test tells it: work until the end, or fail in one of two ways. */
import { follow, isStopped } from '../../../bench/threads/member.mjs'

follow({
  work({ kind }) {
    if (kind === 'throw') throw new Error('a wrong answer')
    if (kind === 'exit') process.exit(0)
    let rounds = 0
    do rounds++
    while (!isStopped())
    return { rounds }
  },
})
