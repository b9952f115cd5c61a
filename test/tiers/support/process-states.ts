/** What the system says of a process. */
import { execFileSync } from 'node:child_process'

/** As `ps` has it: T for one that is stopped; empty: there is no such process, or only its exit status. */
export function stateOf(pid: number): string {
  try {
    const args = ['-o', 'state=', '-p', `${pid}`]
    const state = execFileSync('ps', args, { encoding: 'utf8', stdio: 'pipe' }).trim()
    return state.startsWith('Z') ? '' : state
  } catch {
    return ''
  }
}
