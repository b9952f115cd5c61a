/**
 * The broken lines of a trace: how many there were, and where the first few stand.
 *
 * A broken line is never fatal. Bounded: only the first SHOWN_PROBLEMS are kept.
 */

const SHOWN_PROBLEMS = 5

export interface Problem {
  file: string
  /** The line's number in text, the record's in binary formats; both from 1. */
  line: number
  reason: string
}

export class Problems {
  /** Lines, or records, that could not be read. */
  broken = 0
  /** Lines that are sound but no access: comments, headers, requests that no cache would answer. */
  skipped = 0
  readonly first: Problem[] = []

  report(file: string, line: number, reason: string): void {
    this.broken++
    if (this.first.length < SHOWN_PROBLEMS) this.first.push({ file, line, reason })
  }
}
