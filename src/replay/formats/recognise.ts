/** What the recognisers of the text formats look at: the first whole lines of a file. */
import { latin1 } from '../latin1.js'

const LOOKED_AT_LINES = 20

/** Up to twenty lines, empty ones left out; the last one only if it is whole. Never empty. */
export function firstLines(head: Buffer): string[] {
  const lines = latin1(head, 0, head.length).split('\n')
  if (lines.length > 1) lines.pop()
  const filled = lines.map((line) => line.replace(/\r$/, '')).filter((line) => line !== '')
  return filled.length > 0 ? filled.slice(0, LOOKED_AT_LINES) : ['']
}

/** Whether most of the lines pass: a broken one at the head must not hide the format. */
export function mostLines(head: Buffer, passes: (line: string) => boolean): boolean {
  const lines = firstLines(head)
  return lines.filter(passes).length * 2 > lines.length
}

/** Whether the head holds bytes that no text has. */
export function looksBinary(head: Buffer): boolean {
  return head.some((byte) => byte < 9 || (byte > 13 && byte < 27))
}
